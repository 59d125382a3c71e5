package dev.bts.cli.trace;

import java.util.Arrays;

/** The threads of a block: each has a place, numbered from 0, and an edge that it took last. */
final class ThreadPlaces {
  private static final int SLOT_BITS = 13;
  private static final int SLOTS = 1 << SLOT_BITS;
  private static final int SPREAD = 0x9E37_79B9;

  static {
    assert SLOTS >= 2 * FormatLimits.THREADS_PER_BLOCK;
  }

  private final int[] tids = new int[FormatLimits.THREADS_PER_BLOCK];
  private final int[] previous = new int[FormatLimits.THREADS_PER_BLOCK];

  /** Places plus 1 by hash of the thread id, 0 where free. */
  private final int[] slots = new int[SLOTS];

  private int size;

  int size() {
    return size;
  }

  boolean isFull() {
    return size == FormatLimits.THREADS_PER_BLOCK;
  }

  void clear() {
    Arrays.fill(slots, 0);
    size = 0;
  }

  /** Returns the place of a thread, a new one if it has none; not to be called when full. */
  int placeOf(int tid) {
    int slot = (tid * SPREAD) >>> (Integer.SIZE - SLOT_BITS);
    while (slots[slot] != 0) {
      int place = slots[slot] - 1;
      if (tids[place] == tid) {
        return place;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    tids[size] = tid;
    previous[size] = 0;
    slots[slot] = ++size;
    return size - 1;
  }

  int tid(int place) {
    return tids[place];
  }

  int previous(int place) {
    return previous[place];
  }

  void setPrevious(int place, int edge) {
    previous[place] = edge;
  }

  void write(ByteSink out) {
    int last = 0;
    for (int place = 0; place < size; place++) {
      out.putSigned((long) tids[place] - last);
      last = tids[place];
    }
  }

  /** Reads what {@link #write} wrote; each thread may stand there once. */
  void read(ByteSource in) throws CorruptBlockException {
    clear();
    long last = 0;
    while (in.remaining() > 0) {
      last += in.getSigned();
      if (last != (int) last || isFull() || placeOf((int) last) != size - 1) {
        throw new CorruptBlockException("its list of threads is impossible");
      }
    }
  }
}
