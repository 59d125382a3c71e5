package dev.bts.cli.trace;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import java.util.OptionalInt;

/**
 * Which branches of a trace are read. Side events before the end of the selection are handed over
 * all of them, because the selected branches cannot be understood without mappings and processes.
 *
 * @param firstRecord the number of the first branch, counted from 0 over the whole trace
 * @param endRecord the number of the first branch that is not read any more
 * @param tid the thread whose branches are read; empty: all threads
 */
public record Selection(long firstRecord, long endRecord, OptionalInt tid) {
  /** The whole trace. */
  public static final Selection ALL = new Selection(0, Long.MAX_VALUE, OptionalInt.empty());

  /**
   * Checks.
   *
   * @throws InvalidRequestException if the window is turned round or starts before the trace
   */
  public Selection {
    if (firstRecord < 0 || endRecord < firstRecord) {
      throw new InvalidRequestException(
          new Explanation(
              "read the branches from " + firstRecord + " to " + endRecord,
              "a window starts at 0 or later and does not end before its start",
              "exchange the two"));
    }
  }

  /** Returns the selection of one thread. */
  public static Selection thread(int tid) {
    return new Selection(0, Long.MAX_VALUE, OptionalInt.of(tid));
  }

  /** Returns the selection of the branches numbered first (included) to end (excluded). */
  public static Selection window(long first, long end) {
    return new Selection(first, end, OptionalInt.empty());
  }

  boolean includes(int thread) {
    return tid.isEmpty() || tid.getAsInt() == thread;
  }

  /** Returns whether a block may hold selected branches. */
  boolean mayInclude(BlockHead head) {
    return head.records() > 0
        && head.recordsAfter() > firstRecord
        && head.recordsBefore() < endRecord
        && (tid.isEmpty() || (head.threadMask() & BlockHead.threadBit(tid.getAsInt())) != 0);
  }
}
