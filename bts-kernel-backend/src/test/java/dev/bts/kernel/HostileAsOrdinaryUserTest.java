package dev.bts.kernel;

import dev.bts.kernel.ordinary.AsOrdinaryUser;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class HostileAsOrdinaryUserTest {
  @TestFactory
  Stream<DynamicTest> tracesHostilePrograms(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(scratch, HostileTraceeTest.class);
  }
}
