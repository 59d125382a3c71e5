package dev.bts.sim.rules;

/** How a subsystem holds its buffers. */
public enum Family {
  /** A pointer in the traced task, as ptrace had it; the tracer acts on it. */
  KERNEL_TRACE,
  /**
   * Sessions of bts: the pages lie in an address space, and the books of a tracing process end with
   * it.
   */
  SESSION,
  /** Descriptors, which are counted, and mappings, which are counted too. */
  DESCRIPTOR
}
