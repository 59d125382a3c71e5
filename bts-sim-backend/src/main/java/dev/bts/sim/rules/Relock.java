package dev.bts.sim.rules;

/** What locking a buffer again does. */
public enum Relock implements Choice {
  /** It is locked already. */
  KEEP("nothing"),
  /** Nothing is charged, but the caller is remembered as the payer. */
  OVERWRITE_PAYER("the caller becomes the payer of record"),
  /** The payer is charged a second time. */
  CHARGE_AGAIN("the payer is charged again"),
  /** mlock(2) of memory that is also pinned: its pages are charged to locked_vm, once. */
  CHARGE_LOCKED("locked_vm of the caller is charged once");

  private final String label;

  Relock(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.RELOCK;
  }

  @Override
  public String label() {
    return label;
  }
}
