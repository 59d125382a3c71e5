package dev.bts.sim.rules;

/** When the limit is checked and when the counter moves. */
public enum Admission implements Choice {
  /** Check and charge are one step. */
  ATOMIC("checked and charged in one step"),
  /** The ledger of bts: a reservation counts against the limit until it is resolved. */
  TWO_PHASE("reserved, then committed or cancelled"),
  /** The counter is read, and added to later; in between others read the same. */
  CHECK_THEN_ADD("checked first, added later");

  private final String label;

  Admission(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.ADMISSION;
  }

  @Override
  public String label() {
    return label;
  }
}
