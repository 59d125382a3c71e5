package dev.bts.sim.rules;

/** What becomes of a buffer whose tracer has gone. */
public enum Orphans implements Choice {
  /** The kernel has no handle on it until the tracee ends. */
  STRANDED("nobody can release it"),
  /** It says what it is: the next tracer takes it over, and others reclaim it. */
  FOUND("whoever may trace the process can release it");

  private final String label;

  Orphans(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.ORPHANS;
  }

  @Override
  public String label() {
    return label;
  }
}
