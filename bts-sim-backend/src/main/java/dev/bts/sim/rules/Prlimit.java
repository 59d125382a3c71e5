package dev.bts.sim.rules;

/** What becomes of a limit that another process sets with prlimit(2). */
public enum Prlimit implements Choice {
  /** It is the process's, whatever that is doing. */
  OF_PROCESS("it is the process's"),
  /**
   * It is set where the task began its exec, and not where that ends: the group's leader was looked
   * up without the lock that an exec changes it under (CVE-2025-40201).
   */
  LOST_IN_EXEC("it is lost if the process executes a program meanwhile");

  private final String label;

  Prlimit(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.PRLIMIT;
  }

  @Override
  public String label() {
    return label;
  }
}
