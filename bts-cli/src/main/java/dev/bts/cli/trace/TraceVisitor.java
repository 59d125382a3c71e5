package dev.bts.cli.trace;

import dev.bts.api.record.TraceSink;

/** A sink that is also told, in its place in the stream, what a file has lost. */
public interface TraceVisitor extends TraceSink {
  /** Is told that something is missing here. The default does nothing: see the reader's list. */
  default void damaged(Damage damage) {}

  /**
   * Is told from time to time that all selected records before this one have been handed over. The
   * default does nothing.
   */
  default void reached(long record) {}
}
