package dev.bts.kernel.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.kernel.ordinary.AsOrdinaryUser;
import dev.bts.kernel.ordinary.TestJvm;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.MemoryGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs the tests of group memory in groups with limits, inner and outer ones. */
class GroupLimitsTest {
  private static final long LOWER_BYTES = 320L << 20;
  private static final long HIGHER_BYTES = 640L << 20;

  /** All of the heap is there from the start, so that the JVM moves no counter later. */
  private static final List<String> STILL_JVM =
      List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

  @TempDir Path scratch;

  @TestFactory
  Stream<DynamicTest> theInnerLimitIsLower() throws Exception {
    return run(HIGHER_BYTES, LOWER_BYTES);
  }

  @TestFactory
  Stream<DynamicTest> theOuterLimitIsLower() throws Exception {
    return run(LOWER_BYTES, HIGHER_BYTES);
  }

  @TestFactory
  Stream<DynamicTest> asAnOrdinaryUser() throws Exception {
    return AsOrdinaryUser.run(scratch, GroupMemoryTest.class);
  }

  private Stream<DynamicTest> run(long outerBytes, long innerBytes) throws Exception {
    assumeTrue(
        ProcFile.statusField((int) ProcessHandle.current().pid(), "Uid")
            .orElse("")
            .startsWith("0\t"),
        "only root may make control groups");
    try (MemoryGroup outer = MemoryGroup.make("bts-test").limit(outerBytes);
        MemoryGroup inner = outer.child("inner").limit(innerBytes)) {
      String classPath = System.getProperty("java.class.path");
      return new TestJvm(inner.starter(), classPath, scratch).run(STILL_JVM, GroupMemoryTest.class);
    }
  }
}
