package dev.bts.kernel.perf;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A cursor over the records that BTS hardware wrote into an AUX area: those of one thread, the
 * oldest first. They have no thread in them; it is told beforehand.
 */
public final class BtsCursor implements BranchCursor {
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private int at;
  private int end;
  private int tid;

  /** Creates a cursor over nothing. */
  public BtsCursor() {}

  /**
   * Stands before the first of so many records.
   *
   * @param offset where the first record stands in the little-endian buffer
   * @throws IndexOutOfBoundsException if the buffer is shorter than that
   */
  public void reset(ByteBuffer buffer, int offset, int count, int thread) {
    int length = Math.multiplyExact(count, Bts24.RECORD_BYTES);
    Objects.checkFromIndexSize(offset, length, buffer.limit());
    bytes = buffer;
    at = offset - Bts24.RECORD_BYTES;
    end = offset + length;
    tid = thread;
  }

  @Override
  public boolean next() {
    at += Bts24.RECORD_BYTES;
    return at < end;
  }

  @Override
  public long from() {
    return bytes.getLong(at + Bts24.FROM_OFFSET);
  }

  @Override
  public long to() {
    return bytes.getLong(at + Bts24.TO_OFFSET);
  }

  @Override
  public int flags() {
    return bytes.getInt(at + Bts24.FLAGS_OFFSET);
  }

  @Override
  public int tid() {
    return tid;
  }
}
