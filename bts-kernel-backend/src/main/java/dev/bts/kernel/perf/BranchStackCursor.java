package dev.bts.kernel.perf;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A cursor over one branch stack. The kernel writes the newest branch first; the cursor goes
 * through time, the oldest first.
 */
public final class BranchStackCursor implements BranchCursor {
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private int at;
  private int first;
  private int tid;

  /** Creates a cursor over nothing. */
  public BranchStackCursor() {}

  /**
   * Stands before the oldest of so many entries.
   *
   * @param offset where the newest entry stands in the little-endian buffer
   * @throws IndexOutOfBoundsException if the buffer is shorter than that
   */
  public void reset(ByteBuffer buffer, int offset, int count, int thread) {
    Objects.checkFromIndexSize(
        offset, Math.multiplyExact(count, BranchEntry.BYTES), buffer.limit());
    bytes = buffer;
    first = offset;
    at = offset + count * BranchEntry.BYTES;
    tid = thread;
  }

  @Override
  public boolean next() {
    at -= BranchEntry.BYTES;
    return at >= first;
  }

  @Override
  public long from() {
    return bytes.getLong(at + BranchEntry.FROM_OFFSET);
  }

  @Override
  public long to() {
    return bytes.getLong(at + BranchEntry.TO_OFFSET);
  }

  @Override
  public int flags() {
    return (bytes.getInt(at + BranchEntry.FLAGS_OFFSET) & BranchEntry.FLAG_PREDICTED) == 0
        ? 0
        : Bts24.FLAG_PREDICTED;
  }

  @Override
  public int tid() {
    return tid;
  }
}
