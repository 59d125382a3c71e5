package dev.bts.sim.experiment;

/** What is measured of a run. All are whole numbers. */
public enum Metric {
  /** Buffers that were granted. */
  ADMITTED("admitted", "buffers granted"),
  /** Buffers that were refused. */
  REFUSED("refused", "buffers refused"),
  /** The most programs that were traced at one time. */
  TRACED("traced", "most programs traced at one time"),
  /** The most pages that one user had locked, pinned or charged to its group at one time. */
  PEAK_USER("peak_user_pages", "most pages that one user held"),
  /** The same of all users together. */
  PEAK_MACHINE("peak_machine_pages", "most pages held on the machine"),
  /** The most pages that accounts were over the limits that the kernel reads for them. */
  BEYOND("beyond_pages", "most pages beyond the entitlements"),
  /** Programs that were refused what they would have been granted without being traced. */
  OTHERS_REFUSED("others_refused", "programs refused memory of their own because of a trace"),
  /** Pages still held when all tracers are gone and the programs run on. */
  ORPHANED("orphaned_pages", "pages held after all tracers are gone"),
  /** Pages still held when everybody is gone. */
  LEAKED("leaked_pages", "pages held after everybody is gone"),
  /** Jain's index of the pages granted to each tracer, in thousandths: 1000 is fair. */
  FAIRNESS("fairness_permille", "Jain's fairness of the pages granted to tracers, in thousandths");

  private final String key;
  private final String description;

  Metric(String key, String description) {
    this.key = key;
    this.description = description;
  }

  /** Returns its name in tables. */
  public String key() {
    return key;
  }

  /** Returns what it is, in words. */
  public String description() {
    return description;
  }
}
