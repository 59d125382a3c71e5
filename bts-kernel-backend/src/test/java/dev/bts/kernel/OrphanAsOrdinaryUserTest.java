package dev.bts.kernel;

import dev.bts.kernel.ordinary.AsOrdinaryUser;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class OrphanAsOrdinaryUserTest {
  @TestFactory
  Stream<DynamicTest> reclaimsAsAnOrdinaryUser(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(scratch, OrphanTest.class, LeaderlessOrphanTest.class);
  }
}
