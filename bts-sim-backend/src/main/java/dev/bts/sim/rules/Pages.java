package dev.bts.sim.rules;

/** What becomes of a buffer's pages. */
public enum Pages {
  /** They stay. */
  KEPT("kept"),
  /** They are freed. */
  FREED("freed"),
  /** They are freed if tracing is configured, otherwise they stay. */
  FREED_IF_ACTIVE("freed if tracing is configured"),
  /** They are freed, and who paid is refunded, unless a descriptor is open. */
  FREED_IF_CLOSED("freed unless a descriptor is open"),
  /** A worker frees them later. */
  DEFERRED("left to a worker");

  private final String label;

  Pages(String label) {
    this.label = label;
  }

  /** Returns it in words. */
  public String label() {
    return label;
  }
}
