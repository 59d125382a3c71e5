package dev.bts.api;

/** How much of what happened a trace holds. Every result carries its label. */
public enum Fidelity {
  /** Every taken user-space branch, in order, per thread; loss, if any, is marked in the stream. */
  COMPLETE,
  /**
   * The tail of the run: the newest records of a buffer that wraps, or the oldest of one that
   * stops.
   */
  WINDOWED,
  /** Samples. */
  SAMPLED,
  /** No branches at all; only side events. */
  NOTHING;

  /** Returns the label used in summaries and trace files. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
