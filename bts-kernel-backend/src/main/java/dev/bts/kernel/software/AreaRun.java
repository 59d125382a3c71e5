package dev.bts.kernel.software;

import dev.bts.api.record.BranchRun;
import java.nio.IntBuffer;

/**
 * The branches that the records in a {@link ThreadArea} stand for, expanded one by one while they
 * are read.
 *
 * <p>The program can write the memory that is read: a record that no translated code writes ends
 * the run, which then is {@linkplain #isBroken broken}.
 */
public final class AreaRun implements BranchRun {
  private static final long LOW_INT = 0xffff_ffffL;
  private static final int TARGET_WORDS = 2;

  private final PathTable paths;
  private final int tid;
  private final IntBuffer words;
  private final int end;
  private int word;
  private final long[] branches;

  /** The branch that it stands at, and the last one of the same path, as {@link PathTable} has. */
  private int branch;

  private int lastOfPath;

  private int path;
  private long count;
  private boolean broken;

  /**
   * Stands before the first branch.
   *
   * @param words memory that begins with the records
   * @param end the word behind them, negative if it is not known
   */
  AreaRun(PathTable paths, int tid, IntBuffer words, int end) {
    this.paths = paths;
    this.tid = tid;
    this.words = words;
    this.end = end;
    this.branches = paths.branches();
    this.broken = end < 0;
  }

  /** Returns another one that has not been read. */
  AreaRun copy() {
    return new AreaRun(paths, tid, words, end);
  }

  /** Returns whether there is a record that translated code cannot have written. */
  public boolean isBroken() {
    return broken;
  }

  /** Returns whether there is no record. */
  public boolean isEmpty() {
    return word >= end;
  }

  @Override
  public long atLeast() {
    return Math.max(0, end - word) / (1 + TARGET_WORDS);
  }

  @Override
  public boolean next() {
    if (branch < lastOfPath) {
      branch += PathTable.BRANCH_LONGS;
      return true;
    }
    return nextPath();
  }

  /** Returns the path that it stands in. */
  int path() {
    return path;
  }

  /** Returns where that leads to. */
  long target() {
    return branches[lastOfPath + 1];
  }

  /** Moves to the first branch of the next path. */
  boolean nextPath() {
    if (word >= end) {
      return false;
    }
    path = words.get(word++);
    if (!paths.has(path)) {
      return endsBroken();
    }
    int at = path * PathTable.BRANCH_LONGS;
    long first = branches[at];
    int length = PathTable.length(first);
    branch = at;
    lastOfPath = at + (length - 1) * PathTable.BRANCH_LONGS;
    if (PathTable.isIndirect(first)) {
      if (word + TARGET_WORDS > words.limit()) {
        return endsBroken();
      }
      // Into the table, so that a branch that ends a path is read as any other.
      branches[lastOfPath + 1] =
          (words.get(word) & LOW_INT) | (long) words.get(word + 1) << Integer.SIZE;
      word += TARGET_WORDS;
    }
    count += length;
    return true;
  }

  private boolean endsBroken() {
    broken = true;
    word = end;
    branch = lastOfPath;
    return false;
  }

  @Override
  public long from() {
    return branches[branch] & PathTable.ADDRESS_MASK;
  }

  @Override
  public long to() {
    return branches[branch + 1];
  }

  @Override
  public int flags() {
    return 0;
  }

  @Override
  public int tid() {
    return tid;
  }

  @Override
  public long skip() {
    branch = lastOfPath;
    while (nextPath()) {
      branch = lastOfPath;
    }
    return count;
  }
}
