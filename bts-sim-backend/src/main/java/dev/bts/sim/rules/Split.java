package dev.bts.sim.rules;

/** What unmapping a part of a mapping does. */
public enum Split implements Choice {
  /** EINVAL. */
  REFUSED("it is refused"),
  /** The rest is counted as another mapping, which is never unmapped. */
  COUNTED("a reference that nobody drops");

  private final String label;

  Split(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.SPLIT;
  }

  @Override
  public String label() {
    return label;
  }
}
