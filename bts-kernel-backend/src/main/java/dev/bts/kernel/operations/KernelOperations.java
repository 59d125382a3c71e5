package dev.bts.kernel.operations;

import dev.bts.accounting.operations.LiveMachine;

/** The running kernel, as a place for operations of real processes. */
public final class KernelOperations implements LiveMachine {
  /** Creates the machine; {@link java.util.ServiceLoader} does. */
  public KernelOperations() {}

  @Override
  public Stage open() {
    return KernelStage.open();
  }
}
