package dev.bts.kernel.helper;

import dev.bts.kernel.ordinary.AsOrdinaryUser;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class HelperAsOrdinaryUserTest {
  @TestFactory
  Stream<DynamicTest> helpsAnOrdinaryUser(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(scratch, HelperProcessTest.class, CommandLauncherTest.class);
  }
}
