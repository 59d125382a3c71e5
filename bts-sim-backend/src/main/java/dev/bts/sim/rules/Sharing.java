package dev.bts.sim.rules;

/** Who may use a buffer that another address space has. */
public enum Sharing implements Choice {
  /** Whoever has its descriptor. */
  ANYONE("whoever has its descriptor"),
  /** Only tasks of the address space that made it; others get EINVAL. */
  SAME_ADDRESS_SPACE("the same address space only");

  private final String label;

  Sharing(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.SHARING;
  }

  @Override
  public String label() {
    return label;
  }
}
