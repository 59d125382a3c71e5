package dev.bts.api.record;

/**
 * Branches that one thread took in a row, as a mechanism hands them over at one time. They may lie
 * in memory of any form: only {@link #next} makes records of them.
 */
public interface BranchRun extends BranchCursor {
  /** Returns a number of branches that it has in any case; reads none of them. */
  long atLeast();

  /** Moves behind the last branch; returns how many there are, those read before included. */
  long skip();
}
