package dev.bts.accounting.buffers;

import dev.bts.api.record.BranchRun;
import dev.bts.api.record.StreamLog;
import dev.bts.api.record.TraceSink;
import org.jspecify.annotations.Nullable;

/** What becomes of a tracee's branches: recorded into a buffer, or counted as lost, or neither. */
final class Recording<T> {
  /** So many branches are worth a call of a sink. */
  private static final int MANY = 1 << 10;

  private final T tracee;
  private @Nullable ChargedBuffer buffer;
  private @Nullable String lostBecause;

  /** Takes on a tracee whose branches are lost until it gets a buffer. */
  Recording(T tracee, String lostBecause) {
    this.tracee = tracee;
    this.lostBecause = lostBecause;
  }

  T tracee() {
    return tracee;
  }

  /** Returns the buffer it is recorded into, null if it is not. */
  @Nullable ChargedBuffer buffer() {
    return buffer;
  }

  /** Returns why its branches are lost, null if they are not. */
  @Nullable String lostBecause() {
    return lostBecause;
  }

  /** Records a branch or counts it as lost; returns whether a threshold was reached by it. */
  boolean branched(StreamLog log, long from, long to, int flags, int tid) {
    if (buffer != null) {
      return log.append(buffer.area(), from, to, flags, tid);
    }
    if (lostBecause != null) {
      log.lose(tid, lostBecause);
    }
    return false;
  }

  /**
   * Records branches of one thread in a row or counts them as lost.
   *
   * @param sink takes many of them at once, if there is one
   * @return whether a threshold was reached, so that some may be left; see {@link StreamLog#append}
   */
  boolean branched(StreamLog log, BranchRun branches, int tid, @Nullable TraceSink sink) {
    if (buffer == null) {
      if (lostBecause != null) {
        log.lose(tid, lostBecause, branches.skip());
      }
      return false;
    }
    if (sink != null && branches.atLeast() >= MANY) {
      log.pass(branches, sink);
      return false;
    }
    return log.append(buffer.area(), branches);
  }

  void recordInto(ChargedBuffer chosen) {
    buffer = chosen;
    lostBecause = null;
  }

  void lose(String reason) {
    buffer = null;
    lostBecause = reason;
  }

  void leaveAlone() {
    buffer = null;
    lostBecause = null;
  }

  /** Is recorded, or not, as another thread of its process is. */
  void followExampleOf(Recording<T> other) {
    buffer = other.buffer;
    lostBecause = other.lostBecause;
  }
}
