package dev.bts.kernel;

import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.record.StreamLog;
import dev.bts.api.record.TraceSink;
import org.jspecify.annotations.Nullable;

/** The way from a session's stream to the sink of its request, if that has one. */
final class Delivery {
  private final StreamLog log;
  private final @Nullable TraceSink sink;
  private final boolean isByItself;
  private boolean ended;

  Delivery(TraceRequest request, StreamLog log) {
    this.log = log;
    this.sink = request.sink().orElse(null);
    this.isByItself = request.buffer().overflow() == Overflow.DRAIN;
  }

  /** Hands over what is recorded, if that is what the request says. */
  void byItself() {
    if (isByItself) {
      now();
    }
  }

  /** Hands over what is recorded. */
  void now() {
    if (sink != null && !ended) {
      log.drainTo(sink);
    }
  }

  /**
   * Returns the sink if it may have branches without their lying in a buffer, null if not: it would
   * have them at the threshold anyway.
   *
   * @param isAwaited whether somebody waits for the threshold
   */
  @Nullable TraceSink direct(boolean isAwaited) {
    return isByItself && !ended && !isAwaited ? sink : null;
  }

  /** Asks the sink no more: it, or the session, has failed. */
  void end() {
    ended = true;
  }
}
