package dev.bts.sim.rules;

/** Whether a buffer is found and released in one step. */
public enum Release implements Choice {
  /** One step: of two releasers one finds nothing. */
  ATOMIC("found and released in one step"),
  /** Two steps: two tasks can both find it. */
  FIND_THEN_FREE("found first, released later");

  private final String label;

  Release(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.RELEASE;
  }

  @Override
  public String label() {
    return label;
  }
}
