package dev.bts.cli.perfdata;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Branches that wait until their thread has enough of them, or until something happens that must
 * stand behind them. Bounded: when all threads together have too many, all are handed on.
 */
final class PendingBranches {
  private static final int INITIAL_RECORDS = 32;

  private final int recordsPerThread;
  private final int recordsMax;
  private final Consumer consumer;
  private final Map<Integer, Pending> threads = new LinkedHashMap<>();
  private int records;

  /**
   * Creates one without branches.
   *
   * @param recordsPerThread how many of one thread are handed on together
   * @param recordsMax how many wait at most
   */
  PendingBranches(int recordsPerThread, int recordsMax, Consumer consumer) {
    this.recordsPerThread = recordsPerThread;
    this.recordsMax = recordsMax;
    this.consumer = consumer;
  }

  /** Who takes branches of one thread together. */
  interface Consumer {
    /** Takes records of {@link Bts24}, the oldest first; valid during the call only. */
    void consume(int tid, ByteBuffer records);
  }

  private static final class Pending {
    private ByteBuffer bytes = buffer(INITIAL_RECORDS);
  }

  void add(BranchCursor cursor) {
    Pending pending = null;
    int tid = 0;
    while (cursor.next()) {
      if (pending == null || cursor.tid() != tid) {
        tid = cursor.tid();
        pending = threads.computeIfAbsent(tid, t -> new Pending());
      }
      if (!pending.bytes.hasRemaining()) {
        int larger = Math.min(2 * pending.bytes.capacity() / Bts24.RECORD_BYTES, recordsPerThread);
        pending.bytes = buffer(larger).put(pending.bytes.flip());
      }
      pending
          .bytes
          .putLong(cursor.from())
          .putLong(cursor.to())
          .putLong(Integer.toUnsignedLong(cursor.flags()));
      records++;
      if (pending.bytes.position() == recordsPerThread * Bts24.RECORD_BYTES) {
        hand(tid, pending);
      }
      if (records == recordsMax) {
        flush();
        pending = null;
      }
    }
  }

  /** Hands on what one thread has. */
  void flush(int tid) {
    Pending pending = threads.remove(tid);
    if (pending != null) {
      hand(tid, pending);
    }
  }

  /** Hands on what all threads have. */
  void flush() {
    threads.forEach(this::hand);
    threads.clear();
  }

  private void hand(int tid, Pending pending) {
    records -= pending.bytes.position() / Bts24.RECORD_BYTES;
    if (pending.bytes.position() > 0) {
      consumer.consume(tid, pending.bytes.flip());
    }
    pending.bytes.clear();
  }

  private static ByteBuffer buffer(int records) {
    return ByteBuffer.allocate(records * Bts24.RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
