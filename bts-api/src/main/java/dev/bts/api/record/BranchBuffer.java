package dev.bts.api.record;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Overflow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A Debug Store area: base, index, absolute maximum and interrupt threshold over memory that holds
 * branch records.
 *
 * <p>The fields are those of the DS area of the Intel SDM (volume 3, 19.4.9), in bytes from the
 * base: records are written at {@code index}, which moves up by one record; at {@code threshold}
 * the owner is to be told; at {@code absoluteMaximum} the area is full and {@link Overflow}
 * decides. The memory belongs to somebody else, who {@linkplain #seal seals} the buffer before it
 * goes away. At most 2 GiB. Not safe for several threads.
 */
public final class BranchBuffer {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private ByteBuffer memory;
  private final Overflow overflow;
  private final int absoluteMaximum;
  private final int threshold;

  /** Where the next record goes. */
  private int index;

  /** Whether everything from index to the absolute maximum holds older records. */
  private boolean wrapped;

  private boolean sealed;

  private long appended;
  private long refused;

  /** How many records had been appended when the buffer was cleared last. */
  private long appendedAtClear;

  /**
   * Lays a buffer over memory.
   *
   * @param memory all of it from position to limit is used, down to a whole number of records
   * @param thresholdRecords free records at which the threshold lies before the absolute maximum
   * @throws InvalidRequestException if not even one record fits
   */
  public BranchBuffer(ByteBuffer memory, Overflow overflow, long thresholdRecords) {
    this.memory = memory.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.overflow = overflow;
    int records = this.memory.capacity() / Bts24.RECORD_BYTES;
    if (records < 1) {
      throw new InvalidRequestException(
          new Explanation(
              "a branch buffer of " + this.memory.capacity() + " bytes",
              "one record takes " + Bts24.RECORD_BYTES + " bytes",
              "ask for a larger buffer"));
    }
    this.absoluteMaximum = records * Bts24.RECORD_BYTES;
    long free = Math.max(0, Math.min(records - 1L, thresholdRecords));
    this.threshold = (int) ((records - free) * Bts24.RECORD_BYTES);
  }

  /**
   * Appends one record.
   *
   * @return true if the interrupt threshold was reached by this record and the owner should act
   * @throws IllegalStateException if the buffer is sealed
   */
  public boolean append(long from, long to, int flags, int tid) {
    requireMemory();
    if (index == absoluteMaximum) {
      if (overflow != Overflow.WRAP) {
        refused++;
        return false;
      }
      index = 0;
      wrapped = true;
    }
    int at = index;
    write(at, from, to, flags, tid);
    index = at + Bts24.RECORD_BYTES;
    appended++;
    return index == threshold;
  }

  /**
   * Appends the record that a cursor stands at and those behind it, as many as fit before the
   * threshold or, behind that, the absolute maximum: none if the buffer is full or wraps, when
   * {@link #append(long, long, int, int)} decides.
   *
   * @return how many were appended; the cursor stands at the last of them
   * @throws IllegalStateException if the buffer is sealed
   */
  int append(BranchCursor records) {
    requireMemory();
    int limit = wrapped ? index : index < threshold ? threshold : absoluteMaximum;
    int at = index;
    boolean more = at < limit;
    while (more) {
      write(at, records.from(), records.to(), records.flags(), records.tid());
      at += Bts24.RECORD_BYTES;
      more = at < limit && records.next();
    }
    int appending = (at - index) / Bts24.RECORD_BYTES;
    index = at;
    appended += appending;
    return appending;
  }

  private void requireMemory() {
    if (sealed) {
      throw new IllegalStateException("the memory of this buffer is gone, nobody pays for more");
    }
  }

  private void write(int at, long from, long to, int flags, int tid) {
    memory.putLong(at + Bts24.FROM_OFFSET, from);
    memory.putLong(at + Bts24.TO_OFFSET, to);
    memory.putInt(at + Bts24.FLAGS_OFFSET, flags);
    memory.putInt(at + Bts24.TID_OFFSET, tid);
  }

  /** Returns whether the next record is the first one behind the threshold. */
  public boolean isAtThreshold() {
    return index == threshold;
  }

  /** Returns what happens when the buffer is full. */
  public Overflow overflow() {
    return overflow;
  }

  /** Returns the offset of the next record in bytes from the base. */
  public long index() {
    return index;
  }

  /** Returns the end of the area in bytes from the base. */
  public long absoluteMaximum() {
    return absoluteMaximum;
  }

  /** Returns the interrupt threshold in bytes from the base. */
  public long threshold() {
    return threshold;
  }

  /** Returns how many records fit. */
  public long capacity() {
    return absoluteMaximum / Bts24.RECORD_BYTES;
  }

  /** Returns how many records can be read. */
  public long size() {
    return (wrapped ? absoluteMaximum : index) / Bts24.RECORD_BYTES;
  }

  /** Returns how many records were ever appended. */
  public long appended() {
    return appended;
  }

  /** Returns how many records were refused because the area was full, and forgets them. */
  public long takeRefused() {
    long count = refused;
    refused = 0;
    return count;
  }

  /** Returns how many records were overwritten by newer ones since the buffer was cleared last. */
  public long overwritten() {
    return appended - appendedAtClear - size();
  }

  /**
   * Returns a record; 0 is the newest.
   *
   * @throws IndexOutOfBoundsException if index is not in [0, size)
   */
  public BranchRecord get(long newestFirst) {
    java.util.Objects.checkIndex(newestFirst, size());
    int at = offset(size() - 1 - newestFirst);
    return new BranchRecord(
        memory.getLong(at + Bts24.FROM_OFFSET),
        memory.getLong(at + Bts24.TO_OFFSET),
        memory.getInt(at + Bts24.FLAGS_OFFSET),
        memory.getInt(at + Bts24.TID_OFFSET));
  }

  /**
   * Moves the records to the Java heap and takes no more, because the memory is about to go away.
   * Whatever happens, the memory is not touched again, not even by a cursor that was made before:
   * if the heap has no room, the records are gone. Again, it has no effect.
   */
  public void seal() {
    if (sealed) {
      return;
    }
    sealed = true;
    int bytes = wrapped ? absoluteMaximum : index;
    ByteBuffer old = memory;
    memory = NOTHING;
    boolean moved = false;
    try {
      ByteBuffer heap = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      heap.put(0, old, 0, bytes);
      memory = heap;
      moved = true;
    } finally {
      if (!moved) {
        clear();
      }
    }
  }

  /** Forgets all records. */
  public void clear() {
    index = 0;
    wrapped = false;
    appendedAtClear = appended;
  }

  /** Returns a cursor over all records, oldest first. Valid until the buffer is written again. */
  public BranchCursor cursor() {
    return cursor(0, size());
  }

  /**
   * Returns a cursor over a part of the records, oldest first.
   *
   * @param first the first record's place, 0 is the oldest
   * @param count how many
   */
  public BranchCursor cursor(long first, long count) {
    java.util.Objects.checkFromIndexSize(first, count, size());
    return new Cursor(first, count);
  }

  private int offset(long oldestFirst) {
    long at = oldestFirst * Bts24.RECORD_BYTES + (wrapped ? index : 0);
    return (int) (at >= absoluteMaximum ? at - absoluteMaximum : at);
  }

  private final class Cursor implements BranchCursor {
    private long left;
    private int at;

    Cursor(long first, long count) {
      left = count;
      at = count == 0 ? 0 : offset(first) - Bts24.RECORD_BYTES;
    }

    @Override
    public boolean next() {
      if (left == 0) {
        return false;
      }
      left--;
      at += Bts24.RECORD_BYTES;
      if (at == absoluteMaximum) {
        at = 0;
      }
      return true;
    }

    @Override
    public long from() {
      return memory.getLong(at + Bts24.FROM_OFFSET);
    }

    @Override
    public long to() {
      return memory.getLong(at + Bts24.TO_OFFSET);
    }

    @Override
    public int flags() {
      return memory.getInt(at + Bts24.FLAGS_OFFSET);
    }

    @Override
    public int tid() {
      return memory.getInt(at + Bts24.TID_OFFSET);
    }
  }
}
