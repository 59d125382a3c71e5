package dev.bts.sim.rules;

/** What is left when an allocation fails behind the check. */
public enum Failure implements Choice {
  /** All is given back. */
  UNWIND("nothing"),
  /** The pages are given back, the charge is not. */
  KEEP_CHARGE("the charge"),
  /** The charge is given back, the pages stay. */
  KEEP_PAGES("the pages"),
  /** The charge fails, and the caller is told that it did not. */
  IGNORE("a buffer that nobody paid for");

  private final String label;

  Failure(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.FAILURE;
  }

  @Override
  public String label() {
    return label;
  }
}
