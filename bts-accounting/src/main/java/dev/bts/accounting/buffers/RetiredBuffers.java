package dev.bts.accounting.buffers;

import dev.bts.api.record.StreamLog;
import java.util.ArrayDeque;

/**
 * The buffers of payers that are gone, whose records stay readable. Each may hold as many as one
 * that is in use, in memory that nobody is charged for any more; so only the newest few are kept.
 */
final class RetiredBuffers {
  private static final int MOST = 8;

  private final StreamLog log;
  private final ArrayDeque<ChargedBuffer> buffers = new ArrayDeque<>();

  RetiredBuffers(StreamLog log) {
    this.log = log;
  }

  /** Keeps one more; where it is one too many, what the oldest still holds is lost. */
  void add(ChargedBuffer buffer) {
    buffers.addLast(buffer);
    if (buffers.size() > MOST) {
      log.giveUp(buffers.removeFirst().area());
    }
  }

  /** Forgets all of them with their records, which nobody wants any more. */
  void discardAll() {
    buffers.forEach(buffer -> log.discard(buffer.area()));
    buffers.clear();
  }
}
