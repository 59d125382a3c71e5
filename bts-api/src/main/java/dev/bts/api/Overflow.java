package dev.bts.api;

/** What happens when a branch buffer is full. Loss is never silent. */
public enum Overflow {
  /**
   * At the interrupt threshold the records go to the sink and the buffer starts anew; none is lost.
   */
  DRAIN,
  /** The oldest record is overwritten: the buffer holds the newest ones. */
  WRAP,
  /** Recording stops: the buffer holds the oldest records, what follows is counted as lost. */
  STOP;

  /** Returns the name used on command lines. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
