package dev.bts.cli.trace;

/** The columns of a stream block, by their place; the content starts with their lengths. */
final class StreamColumn {
  /** The thread ids that occur, signed differences. */
  static final int THREADS = 0;

  /** Stream order: 0 for the next event, else a thread's place plus 1 and a number of records. */
  static final int ITEMS = 1;

  /** Records predicted right before each miss, and after the last. */
  static final int HITS = 2;

  /** What came instead of the predicted edge: new, the alternative, or a known edge's number. */
  static final int MISSES = 3;

  /** New edges: from, as difference to the thread's previous target. */
  static final int EDGES_FROM = 4;

  /** New edges: to, as difference to from. */
  static final int EDGES_TO = 5;

  /** Flags and for how many records they stay. */
  static final int FLAGS = 6;

  /** Side events. */
  static final int EVENTS = 7;

  static final int COUNT = 8;

  /** The miss that introduces a new edge. */
  static final int MISS_NEW = 0;

  /** The miss that was the alternative. */
  static final int MISS_ALTERNATIVE = 1;

  /** What is added to the number of a known edge in the column of misses. */
  static final int MISS_KNOWN = 1;

  private StreamColumn() {}
}
