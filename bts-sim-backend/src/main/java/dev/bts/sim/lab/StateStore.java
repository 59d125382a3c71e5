package dev.bts.sim.lab;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The packed states that were reached, each once, with the one it was reached from.
 *
 * <p>An open-addressing table of numbers, which several threads add to without a lock, over the
 * words of states, which each thread keeps in chunks of its own. A state's number says in which
 * thread's chunks it lies. Between levels one thread may {@link #grow} the table and {@link
 * #startLevel}.
 *
 * <p>Of several states of the previous level from which a state is reached, the one with the least
 * words is remembered, so that what is remembered does not depend on which thread was first.
 */
final class StateStore {
  private static final int CHUNK_BITS = 14;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int FIRST_TABLE = 1 << 16;
  private static final int HASH_SHIFT = 20;
  private static final long LOWER_HALF = 0xFFFF_FFFFL;
  private static final int TABLE_BYTES_PER_SLOT = Integer.BYTES;
  private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private final int words;

  /** The words of a state, and behind them its parent, see {@link #parentWord}. */
  private final int stride;

  private final int threads;
  private final Segment[] segments;
  private int[] table = new int[FIRST_TABLE];

  /** One thread's states. */
  private static final class Segment {
    private long[][] states = new long[1][];
    private int size;
    private int levelStart;

    void makeRoom(int stride) {
      int chunk = size >> CHUNK_BITS;
      if (chunk == states.length) {
        states = Arrays.copyOf(states, 2 * chunk);
      }
      if (states[chunk] == null) {
        states[chunk] = new long[CHUNK * stride];
      }
    }
  }

  StateStore(int words, int threads) {
    this.words = words;
    stride = words + 1;
    this.threads = threads;
    segments = new Segment[threads];
    Arrays.setAll(segments, i -> new Segment());
  }

  private static long hash(long[] state, int words) {
    long hash = 0;
    for (int i = 0; i < words; i++) {
      hash = (hash ^ state[i]) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    return hash;
  }

  /**
   * Adds a state.
   *
   * @param thread which thread calls, from 0
   * @param parent the number of the state it was reached from, 0 for none
   * @return whether it is new
   */
  boolean add(int thread, long[] state, int parent) {
    int[] slots = table;
    int mask = slots.length - 1;
    int slot = (int) (hash(state, words) >>> HASH_SHIFT) & mask;
    Segment mine = segments[thread];
    while (true) {
      int id = (int) INTS.getAcquire(slots, slot);
      if (id == 0) {
        mine.makeRoom(stride);
        int local = mine.size;
        long[] chunk = mine.states[local >> CHUNK_BITS];
        int at = (local & (CHUNK - 1)) * stride;
        System.arraycopy(state, 0, chunk, at, words);
        chunk[at + words] = parentWord(parent);
        id = (int) INTS.compareAndExchange(slots, slot, 0, local * threads + thread + 1);
        if (id == 0) {
          mine.size = local + 1;
          return true;
        }
      }
      if (isState(id, state)) {
        offerParent(id, parent);
        return false;
      }
      slot = (slot + 1) & mask;
    }
  }

  private boolean isState(int id, long[] state) {
    long[] chunk = chunk(id);
    int at = offset(id);
    for (int i = 0; i < words; i++) {
      if (chunk[at + i] != state[i]) {
        return false;
      }
    }
    return true;
  }

  /** A state of the level that is being made takes the least of its parents. */
  private void offerParent(int id, int parent) {
    Segment owner = segments[(id - 1) % threads];
    int local = (id - 1) / threads;
    if (local < owner.levelStart) {
      return;
    }
    long[] chunk = chunk(id);
    int at = offset(id) + words;
    long offered = parentWord(parent);
    long known = (long) LONGS.getVolatile(chunk, at);
    while (isBefore(offered, known)) {
      long witness = (long) LONGS.compareAndExchange(chunk, at, known, offered);
      if (witness == known) {
        return;
      }
      known = witness;
    }
  }

  /**
   * A parent's number in the lower half, and in the upper half that of its first word, which mostly
   * says which of two is less without a look at them.
   */
  private long parentWord(int parent) {
    return parent == 0 ? 0 : (chunk(parent)[offset(parent)] & ~LOWER_HALF) | parent;
  }

  private boolean isBefore(long parent, long other) {
    long difference = (parent >> Integer.SIZE) - (other >> Integer.SIZE);
    return difference == 0 ? compare((int) parent, (int) other) < 0 : difference < 0;
  }

  /** Compares the words of two states, given by number. */
  int compare(int one, int other) {
    return one == other
        ? 0
        : Arrays.compare(
            chunk(one),
            offset(one),
            offset(one) + words,
            chunk(other),
            offset(other),
            offset(other) + words);
  }

  /** Returns the chunk that a state lies in. */
  long[] chunk(int id) {
    return segments[(id - 1) % threads].states[((id - 1) / threads) >> CHUNK_BITS];
  }

  /** Returns where in its chunk a state begins. */
  int offset(int id) {
    return ((id - 1) / threads & (CHUNK - 1)) * stride;
  }

  /** Returns the number of the state that a state was reached from, 0 for none. */
  int parent(int id) {
    return (int) chunk(id)[offset(id) + words];
  }

  /** Begins a level: states that are added from now on belong to it. */
  void startLevel() {
    for (Segment segment : segments) {
      segment.levelStart = segment.size;
    }
  }

  /** Returns the first number, within its thread, of the level that is being made. */
  int levelStart(int thread) {
    return segments[thread].levelStart;
  }

  /** Returns how many states a thread has. */
  int size(int thread) {
    return segments[thread].size;
  }

  /** Returns the number of a thread's state. */
  int id(int thread, int local) {
    return local * threads + thread + 1;
  }

  long size() {
    long size = 0;
    for (Segment segment : segments) {
      size += segment.size;
    }
    return size;
  }

  /** Returns how many states can be added before the table must grow. */
  long room() {
    return table.length / 2 - size();
  }

  /** Doubles the table. No other thread may be at work. */
  void grow() {
    int[] larger = new int[2 * table.length];
    int mask = larger.length - 1;
    long[] state = new long[words];
    for (int id : table) {
      if (id != 0) {
        System.arraycopy(chunk(id), offset(id), state, 0, words);
        int slot = (int) (hash(state, words) >>> HASH_SHIFT) & mask;
        while (larger[slot] != 0) {
          slot = (slot + 1) & mask;
        }
        larger[slot] = id;
      }
    }
    table = larger;
  }

  /** Returns the bytes of table and chunks. */
  long bytes() {
    long bytes = (long) table.length * TABLE_BYTES_PER_SLOT;
    for (Segment segment : segments) {
      long chunks = ((long) segment.size + CHUNK - 1) >> CHUNK_BITS;
      bytes += chunks * CHUNK * stride * Long.BYTES;
    }
    return bytes;
  }
}
