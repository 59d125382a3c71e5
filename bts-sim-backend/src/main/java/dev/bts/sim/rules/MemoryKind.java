package dev.bts.sim.rules;

/** What kind of memory a buffer is. */
public enum MemoryKind implements Choice {
  /** It counts as locked memory. */
  LOCKED("locked memory"),
  /** Huge pages of a pool set aside at boot: nobody's limit covers them. */
  RESERVED_POOL("pages of a pool set aside");

  private final String label;

  MemoryKind(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.MEMORY;
  }

  @Override
  public String label() {
    return label;
  }
}
