package dev.bts.sim.kernel;

/** The capabilities that the model checks, all in the initial user namespace. */
public enum Capability {
  /** Locks memory beyond RLIMIT_MEMLOCK. */
  CAP_IPC_LOCK,
  /** Traces processes of other users. */
  CAP_SYS_PTRACE
}
