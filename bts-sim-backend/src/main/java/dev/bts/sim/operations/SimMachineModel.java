package dev.bts.sim.operations;

import dev.bts.accounting.operations.MachineFacts;
import dev.bts.accounting.operations.MachineModel;
import dev.bts.sim.kernel.KernelVersion;
import org.jspecify.annotations.Nullable;

/** The simulated kernel, with the mistakes of a version that is like the machine's. */
public final class SimMachineModel implements MachineModel {
  private final @Nullable KernelVersion version;

  /** Creates a model that is like each machine; {@link java.util.ServiceLoader} does. */
  public SimMachineModel() {
    this.version = null;
  }

  /** Creates a model of one version, whatever the machine has. */
  public SimMachineModel(KernelVersion version) {
    this.version = version;
  }

  @Override
  public String kernel(MachineFacts machine) {
    return version(machine).release();
  }

  @Override
  public Executor start(MachineFacts machine) {
    return new ModelExecutor(machine, version(machine));
  }

  private KernelVersion version(MachineFacts machine) {
    return version == null ? KernelVersion.like(machine.kernel()) : version;
  }
}
