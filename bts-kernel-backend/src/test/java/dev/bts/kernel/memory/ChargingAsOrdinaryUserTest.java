package dev.bts.kernel.memory;

import dev.bts.kernel.ordinary.AsOrdinaryUser;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ChargingAsOrdinaryUserTest {
  @TestFactory
  Stream<DynamicTest> chargesAsAnOrdinaryUser(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(
        scratch,
        ChargedMemoryTest.class,
        AccountingDriftTest.class,
        AllocationFailureTest.class,
        KernelAccountsTest.class,
        LivenessTest.class,
        UserPerfTest.class,
        PlanAgainstKernelTest.class);
  }
}
