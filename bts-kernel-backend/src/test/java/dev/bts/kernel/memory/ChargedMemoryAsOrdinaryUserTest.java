package dev.bts.kernel.memory;

import dev.bts.kernel.ordinary.AsOrdinaryUser;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ChargedMemoryAsOrdinaryUserTest {
  @TestFactory
  Stream<DynamicTest> chargesAsAnOrdinaryUser(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(ChargedMemoryTest.class, scratch);
  }

  @TestFactory
  Stream<DynamicTest> tellsDriftAsAnOrdinaryUser(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(AccountingDriftTest.class, scratch);
  }

  @TestFactory
  Stream<DynamicTest> failsCleanlyAsAnOrdinaryUser(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(AllocationFailureTest.class, scratch);
  }

  @TestFactory
  Stream<DynamicTest> readsAccountsAsAnOrdinaryUser(@TempDir Path scratch) throws Exception {
    return AsOrdinaryUser.run(KernelAccountsTest.class, scratch);
  }
}
