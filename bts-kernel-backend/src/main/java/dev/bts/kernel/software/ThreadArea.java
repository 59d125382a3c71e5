package dev.bts.kernel.software;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one thread that runs in the cache: at its GS base registers that translated code
 * puts aside, and before it the records of taken branches. So all areas look the same to code,
 * however large they are.
 *
 * <p>The index is negative and counts up: it is the distance from the end of the records in bytes.
 * A record is the number of a {@link PathTable path}, 4 bytes, followed by the target in 8 bytes if
 * the path ends with an indirect branch. One that begins before the end may reach a little beyond
 * it.
 *
 * <p>An area is small until it has been full. Then it gets a second piece of memory, a large one,
 * and another one in place of the first: the thread goes on in one while the other is read.
 */
public final class ThreadArea {
  /** Where the next record goes: a distance from the end, zero or above if the area is full. */
  static final int INDEX = 0;

  /** The program's rcx while it is put aside. */
  static final int RCX = 8;

  /** The program's rax while it is put aside. */
  static final int RAX = 16;

  /** The program's rdx while it is put aside. */
  static final int RDX = 24;

  /** The target of the last indirect branch, an address of the program. */
  static final int TARGET = 32;

  /** The translation of that target, or the way out. */
  static final int DESTINATION = 40;

  /** The path that ends with the last indirect branch. */
  static final int SITE = 48;

  /** The GS base that the program itself has. */
  static final int PROGRAM_GS = 56;

  private static final int SLOTS_BYTES = 64;

  /** The size of an area at first, in pages. */
  static final int SMALL_PAGES = 16;

  /** The size of each piece in the end: a stop for each costs little then. */
  private static final int LARGE_PAGES = 64;

  /** How far the last record of translated code may reach beyond the end. */
  private static final int SLACK_BYTES = Long.BYTES;

  /** How large the record is that may be {@linkplain #add added} behind it. */
  private static final int ADDED_BYTES = Integer.BYTES + Long.BYTES;

  /** The end of the records, from the GS base. */
  static final int END = -((SLACK_BYTES + ADDED_BYTES + Long.BYTES - 1) & -Long.BYTES);

  private Half current;
  private @Nullable Half spare;

  /** One piece of memory. */
  private static final class Half {
    private final Arena arena;

    /** The offset of the GS base. */
    private final int base;

    private final ByteBuffer bytes;

    /** The same memory, as records are made of it. */
    private final IntBuffer words;

    Half(Arena arena) {
      this.arena = arena;
      this.base = (arena.size() - SLOTS_BYTES) & -SLOTS_BYTES;
      this.bytes = arena.bytes();
      this.words = bytes.asIntBuffer();
      reset();
    }

    long get(int slot) {
      return bytes.getLong(base + slot);
    }

    void put(int slot, long value) {
      bytes.putLong(base + slot, value);
    }

    void reset() {
      put(INDEX, firstIndex());
    }

    private int firstIndex() {
      return -(base + END);
    }

    boolean isSmall() {
      return arena.size() < LARGE_PAGES * Arena.PAGE_BYTES - Arena.HEADER_BYTES;
    }

    void add(int path, long target, PathTable paths) {
      long index = get(INDEX);
      if (index < firstIndex() || index > SLACK_BYTES) {
        // The program has overwritten it, which shows when records are taken.
        return;
      }
      int at = base + END + (int) index;
      bytes.putInt(at, path);
      at += Integer.BYTES;
      if (paths.to(path, paths.length(path) - 1) == PathTable.INDIRECT) {
        bytes.putLong(at, target);
        at += Long.BYTES;
      }
      put(INDEX, at - END - base);
    }

    AreaRun take(PathTable paths, int tid) {
      long index = get(INDEX);
      boolean isIndex = index >= firstIndex() && index <= SLACK_BYTES + ADDED_BYTES;
      int end = isIndex ? (base + END + (int) index) / Integer.BYTES : -1;
      reset();
      return new AreaRun(paths, tid, words, end);
    }
  }

  /**
   * Allocates an area without records.
   *
   * @throws dev.bts.api.BtsException if there is no memory for it
   */
  ThreadArea(ArenaSupply supply) {
    current = allocate(supply, SMALL_PAGES);
  }

  private static Half allocate(ArenaSupply supply, int pages) {
    ArenaSupply.Supplied supplied = supply.allocate(ArenaSupply.Place.LOW, 0, pages, false);
    return new Half(new Arena(supplied.bytes(), supplied.address()));
  }

  /** Returns the GS base for it. */
  public long address() {
    return current.arena.address() + current.base;
  }

  /** Notes the GS base that the program has. */
  public void setProgramGs(long base) {
    current.put(PROGRAM_GS, base);
  }

  /** Returns whether there is no room for another record. */
  public boolean isFull() {
    return current.get(INDEX) >= 0;
  }

  /** Returns whether there is a second piece of memory. */
  boolean hasSpare() {
    return spare != null;
  }

  /**
   * Adds a second piece of memory, or puts a large one in place of a small one; nothing is recorded
   * in the second one.
   *
   * @throws dev.bts.api.BtsException if there is no memory for it
   */
  void widen(ArenaSupply supply) {
    Half second = spare;
    if (second == null || second.isSmall()) {
      spare = allocate(supply, LARGE_PAGES);
    }
  }

  /**
   * Changes to the second piece of memory; the records of the first are still to be read.
   *
   * @return false if there is none
   */
  boolean flip() {
    Half next = spare;
    if (next == null) {
      return false;
    }
    spare = current;
    current = next;
    return true;
  }

  /** Returns the program's rcx that was put aside. */
  public long rcx() {
    return current.get(RCX);
  }

  /** Returns the program's rax that was put aside. */
  public long rax() {
    return current.get(RAX);
  }

  /** Returns the program's rdx that was put aside. */
  public long rdx() {
    return current.get(RDX);
  }

  /** Returns the target of the last indirect branch. */
  public long target() {
    return current.get(TARGET);
  }

  /** Returns the path that ends with the last indirect branch. */
  public int site() {
    return (int) current.get(SITE);
  }

  /** Adds a record of a path that was taken and not recorded; the thread stands. */
  void add(int path, long target, PathTable paths) {
    current.add(path, target, paths);
  }

  /** Returns what was recorded, and forgets it; valid until the thread runs. */
  AreaRun take(PathTable paths, int tid) {
    return current.take(paths, tid);
  }

  /** Returns the records that there were when the area was flipped; valid until the next time. */
  AreaRun takeSpare(PathTable paths, int tid) {
    return Objects.requireNonNull(spare, "there is no second piece").take(paths, tid);
  }
}
