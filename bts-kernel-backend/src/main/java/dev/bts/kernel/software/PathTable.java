package dev.bts.kernel.software;

import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * What the records of translated code stand for, by number: paths, each of one or more taken
 * branches in a row. The target of the last one may be known no sooner than it is taken. Number 0
 * is the path without a branch.
 *
 * <p>A path's number is the place of its first branch among all branches. The upper byte of where
 * that comes from says how many follow and whether the last is indirect, for the program's
 * addresses need at most 56 bits (Intel SDM, volume 3, 4.5, paging with five levels). Besides the
 * charged memory there is a copy on the heap, from which paths are read in three quarters of the
 * time.
 */
final class PathTable {
  /** What stands for the target of an indirect branch. */
  static final long INDIRECT = Long.MIN_VALUE;

  /** The most branches that a path may have. */
  static final int LENGTH_MAX = 64;

  private static final int MORE_SHIFT = 56;
  private static final int MORE_MASK = 0x7f;

  /** The bits of where a branch comes from that are an address. */
  static final long ADDRESS_MASK = (1L << MORE_SHIFT) - 1;

  /** How many longs a branch takes: where it comes from, and where it leads to. */
  static final int BRANCH_LONGS = 2;

  private static final int CHUNK_PAGES = 32;

  /** How many pages are allocated at one time: a header is among them. */
  static final int PAGES = CHUNK_PAGES + 1;

  private static final int CHUNK_SHIFT = 13;
  private static final int CHUNK_BRANCHES = 1 << CHUNK_SHIFT;
  private static final int CHUNK_MASK = CHUNK_BRANCHES - 1;

  private final ArenaSupply supply;
  private LongBuffer[] chunks = {};
  private long[] copy = {};
  private int used;

  PathTable(ArenaSupply supply) {
    this.supply = supply;
    clear();
  }

  /** Forgets all paths; the memory stays. */
  void clear() {
    used = 1;
  }

  /** Returns how much memory the paths take. */
  int bytes() {
    return used * BRANCH_LONGS * Long.BYTES;
  }

  /** Forgets the paths that were added since they took so many bytes. */
  void backTo(int bytes) {
    used = bytes / (BRANCH_LONGS * Long.BYTES);
  }

  /** Returns how many branches a path has. */
  int length(int path) {
    return path == 0 ? 0 : length(copy[path * BRANCH_LONGS]);
  }

  /** Returns how many branches a path has whose first one has this as its first long. */
  static int length(long first) {
    return ((int) (first >>> MORE_SHIFT) & MORE_MASK) + 1;
  }

  /** Returns whether the last branch of such a path is indirect. */
  static boolean isIndirect(long first) {
    return first < 0;
  }

  /**
   * Adds a path and returns its number.
   *
   * @param prefix the number of a path of fewer than {@link #LENGTH_MAX} branches, which the new
   *     one begins with
   * @param from where its last branch comes from
   * @param to where that leads to, or {@link #INDIRECT}
   * @throws dev.bts.api.BtsException if there is no memory for it
   */
  int add(int prefix, long from, long to) {
    int before = length(prefix);
    if ((used & CHUNK_MASK) + before + 1 > CHUNK_BRANCHES) {
      used = (used + CHUNK_MASK) & ~CHUNK_MASK;
    }
    if (used >= chunks.length * CHUNK_BRANCHES) {
      // The header takes the place of a few branches, so a chunk is a little larger than these.
      ArenaSupply.Supplied supplied = supply.allocate(ArenaSupply.Place.TRACER, 0, PAGES, false);
      chunks = Arrays.copyOf(chunks, chunks.length + 1);
      chunks[chunks.length - 1] = new Arena(supplied.bytes(), 0).bytes().asLongBuffer();
      int needed = chunks.length * CHUNK_BRANCHES * BRANCH_LONGS;
      if (needed > copy.length) {
        copy = Arrays.copyOf(copy, Math.max(needed, copy.length + copy.length / 2));
      }
    }
    int path = used;
    int at = path * BRANCH_LONGS;
    int last = at + before * BRANCH_LONGS;
    System.arraycopy(copy, prefix * BRANCH_LONGS, copy, at, before * BRANCH_LONGS);
    copy[last] = from;
    copy[last + 1] = to;
    copy[at] =
        (copy[at] & ADDRESS_MASK)
            | (long) before << MORE_SHIFT
            | (to == INDIRECT ? Long.MIN_VALUE : 0);
    int length = (before + 1) * BRANCH_LONGS;
    chunks[path >> CHUNK_SHIFT].put((path & CHUNK_MASK) * BRANCH_LONGS, copy, at, length);
    used += before + 1;
    return path;
  }

  /** Returns whether there is a path with a number, or one that it is a part of. */
  boolean has(int path) {
    return Integer.compareUnsigned(path, used) < 0;
  }

  /**
   * Returns all branches in a row, {@link #BRANCH_LONGS} each, the number of a path being the place
   * of its first. Who reads a path that ends indirectly writes there where it has led, and nothing
   * else. Valid until a path is added.
   */
  long[] branches() {
    return copy;
  }

  /** Returns where a branch of a path comes from. */
  long from(int path, int branch) {
    return copy[(path + branch) * BRANCH_LONGS] & ADDRESS_MASK;
  }

  /** Returns where a branch of a path leads to, or {@link #INDIRECT}. */
  long to(int path, int branch) {
    return isIndirect(copy[path * BRANCH_LONGS]) && branch == length(path) - 1
        ? INDIRECT
        : copy[(path + branch) * BRANCH_LONGS + 1];
  }
}
