package dev.bts.api.record;

/**
 * A position in a run of branch records: call {@link #next} until it says false, and read the
 * record in between. Nothing is allocated per record. Not safe for several threads.
 */
public interface BranchCursor {
  /** Moves to the next record; returns false when there is none. */
  boolean next();

  /** Returns the address of the branch instruction. */
  long from();

  /** Returns the address branched to. */
  long to();

  /** Returns the flags of {@link Bts24#FLAGS_OFFSET}. */
  int flags();

  /** Returns the thread that branched. */
  int tid();
}
