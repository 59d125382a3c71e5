package dev.bts.api;

/** How taken branches are seen; each mechanism says its {@link Fidelity}. Best first. */
public enum Mechanism {
  /** A Debug Store area in software: the program runs translated in a code cache. */
  SOFTWARE_BTS("software-bts", Fidelity.COMPLETE),
  /** Intel Branch Trace Store through the {@code intel_bts} PMU. */
  INTEL_BTS("intel-bts", Fidelity.COMPLETE),
  /** Branch stacks of the PMU (Intel LBR, AMD LbrExtV2), sampled. */
  LBR("lbr", Fidelity.SAMPLED),
  /** {@code PTRACE_SINGLEBLOCK}: one stop per taken branch. */
  BLOCK_STEP("block-step", Fidelity.COMPLETE),
  /** {@code PTRACE_SINGLESTEP}: one stop per instruction. The reference for all others. */
  SINGLE_STEP("single-step", Fidelity.COMPLETE),
  /** The simulated machine of bts-sim-backend. */
  SIMULATED("simulated", Fidelity.COMPLETE),
  /** The process is followed, nothing is recorded: the floor for timings. */
  NONE("none", Fidelity.NOTHING);

  private final String label;
  private final Fidelity fidelity;

  Mechanism(String label, Fidelity fidelity) {
    this.label = label;
    this.fidelity = fidelity;
  }

  /** Returns the name used on command lines and in trace files. */
  public String label() {
    return label;
  }

  /** Returns the best fidelity this mechanism can give; a session may give less and says so. */
  public Fidelity fidelity() {
    return fidelity;
  }

  /**
   * Returns whether the kernel itself writes the records, into the ring of a perf event: one for
   * each thread, charged by the kernel to who maps it. The records of other mechanisms lie in
   * memory of the tracer's choice, and the threads of a process share it.
   */
  public boolean recordsIntoPerfRing() {
    return this == INTEL_BTS || this == LBR;
  }

  /**
   * Returns the mechanism with this label.
   *
   * @throws InvalidRequestException if there is none
   */
  public static Mechanism ofLabel(String label) {
    for (Mechanism mechanism : values()) {
      if (mechanism.label.equals(label)) {
        return mechanism;
      }
    }
    throw new InvalidRequestException(
        new Explanation(
            "mechanism '" + label + "'",
            "no such mechanism is known",
            "choose one of software-bts, intel-bts, lbr, block-step, single-step, none"));
  }

  @Override
  public String toString() {
    return label;
  }
}
