package dev.bts.kernel;

import dev.bts.api.Mechanism;
import dev.bts.api.contract.BackendFixture;
import dev.bts.api.contract.TraceSessionContract;

/** The contract kit on the real kernel, by translation. */
class TranslatingTracerContractTest extends TraceSessionContract {
  @Override
  protected BackendFixture createFixture() {
    return new KernelTracerContractTest.KernelFixture(Mechanism.SOFTWARE_BTS);
  }
}
