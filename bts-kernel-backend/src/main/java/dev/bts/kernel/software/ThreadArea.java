package dev.bts.kernel.software;

import dev.bts.api.record.Bts24;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one thread that runs in the cache, at its GS base: registers that translated code
 * puts aside, and the records of taken branches.
 *
 * <p>The index is negative and counts up: it is the distance from the end of the records in bytes.
 * A record is the number of a {@link PathTable path}, 4 bytes, followed by the target in 8 bytes if
 * the path ends with an indirect branch. One that begins before the end may reach a little beyond
 * it.
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

  /** The size of an area in pages. */
  public static final int PAGES = 16;

  private static final int RECORDS = 64;

  /** How far the last record may reach beyond the end. */
  private static final int SLACK_BYTES = 8;

  private static final int TARGET_WORDS = 2;
  private static final long LOW_INT = 0xffff_ffffL;

  /** The offset of the end of the records. */
  static final int END =
      (int) ((PAGES * Arena.PAGE_BYTES - Arena.HEADER_BYTES - SLACK_BYTES) & -Long.BYTES);

  private static final int RECORD_BYTES = END - RECORDS;

  private Half current;
  private @Nullable Half spare;

  /** One piece of memory. */
  private static final class Half {
    private final Arena arena;
    private final ByteBuffer bytes;

    /** The same memory, as records are made of it. */
    private final IntBuffer words;

    Half(Arena arena) {
      this.arena = arena;
      this.bytes = arena.bytes();
      this.words = bytes.asIntBuffer();
      reset();
    }

    void reset() {
      bytes.putLong(INDEX, -RECORD_BYTES);
    }
  }

  /** Lays an area over memory, without records. */
  ThreadArea(Arena arena) {
    current = new Half(arena);
  }

  /** Returns the area's address in the tracee. */
  public long address() {
    return current.arena.address();
  }

  /** Notes the GS base that the program has. */
  public void setProgramGs(long base) {
    current.bytes.putLong(PROGRAM_GS, base);
  }

  /** Returns whether there is no room for another record. */
  public boolean isFull() {
    return current.bytes.getLong(INDEX) >= 0;
  }

  /** Returns whether there is a second piece of memory. */
  boolean hasSpare() {
    return spare != null;
  }

  /** Adds a second piece of memory. */
  void setSpare(Arena arena) {
    spare = new Half(arena);
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
    return current.bytes.getLong(RCX);
  }

  /** Returns the program's rax that was put aside. */
  public long rax() {
    return current.bytes.getLong(RAX);
  }

  /** Returns the program's rdx that was put aside. */
  public long rdx() {
    return current.bytes.getLong(RDX);
  }

  /** Returns the target of the last indirect branch. */
  public long target() {
    return current.bytes.getLong(TARGET);
  }

  /** Returns the path that ends with the last indirect branch. */
  public int site() {
    return current.bytes.getInt(SITE);
  }

  /**
   * Hands all records over and forgets them, also if the sink throws; the thread stands.
   *
   * @param batch memory for some records as longs, more than a path has
   * @param profile takes the records, too, if it is given
   */
  void drain(PathTable paths, int tid, long[] batch, BranchSink sink, @Nullable Profile profile) {
    drain(current, paths, tid, batch, sink, profile);
  }

  /** Hands the records over that were there when the area was flipped; the thread may run. */
  void drainSpare(PathTable paths, int tid, long[] batch, BranchSink sink) {
    Half full = Objects.requireNonNull(spare, "there is no second piece");
    drain(full, paths, tid, batch, sink, null);
  }

  private static void drain(
      Half half,
      PathTable paths,
      int tid,
      long[] batch,
      BranchSink sink,
      @Nullable Profile profile) {
    IntBuffer words = half.words;
    int end = (END + (int) half.bytes.getLong(INDEX)) / Integer.BYTES;
    half.reset();
    long flagsAndTid = Bts24.flagsAndTid(0, tid);
    int enough = batch.length - PathTable.EXPANDED_LONGS_MAX;
    int at = RECORDS / Integer.BYTES;
    int filled = 0;
    while (at < end) {
      int path = words.get(at++);
      filled = paths.expand(path, flagsAndTid, batch, filled);
      int last = filled - Bts24.RECORD_LONGS + Bts24.TO_LONG;
      if (batch[last] == PathTable.INDIRECT) {
        batch[last] = (words.get(at) & LOW_INT) | (long) words.get(at + 1) << Integer.SIZE;
        at += TARGET_WORDS;
      }
      if (profile != null) {
        profile.add(path, batch[last]);
      }
      if (filled > enough) {
        sink.branched(batch, filled / Bts24.RECORD_LONGS);
        filled = 0;
      }
    }
    if (filled > 0) {
      sink.branched(batch, filled / Bts24.RECORD_LONGS);
    }
  }
}
