package dev.bts.accounting.plan;

/** What a plan says of a policy. */
public enum Verdict {
  /** Every buffer would be granted. */
  FITS("fits"),
  /** Some buffer would be refused. */
  REFUSED("does not fit"),
  /** The backend has no memory for which the accounts of this policy are charged. */
  IMPOSSIBLE("impossible"),
  /** Nothing that is known speaks against it, but not everything is known. */
  UNKNOWN("unknown");

  private final String label;

  Verdict(String label) {
    this.label = label;
  }

  /** Returns the words for it. */
  public String label() {
    return label;
  }
}
