package dev.bts.accounting.operations;

import java.util.ServiceLoader;

/** Makes models of machines, found by {@link ServiceLoader}. */
public interface MachineModel {
  /** An executor that knows beforehand what can be tried at all. */
  interface Executor extends OperationExecutor {
    /**
     * Returns whether an operation makes sense now: those that act live, a name that is to be given
     * is free, a segment has been made.
     */
    boolean applicable(Operation operation);
  }

  /** Returns which kernel it reproduces for a machine, mistakes included. */
  String kernel(MachineFacts machine);

  /** Starts a machine that is like another. */
  Executor start(MachineFacts machine);

  /**
   * Returns the one that is installed.
   *
   * @throws IllegalStateException if there is none
   */
  static MachineModel installed() {
    return ServiceLoader.load(MachineModel.class)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no sim backend on the class path"));
  }
}
