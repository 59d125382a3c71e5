package dev.bts.cli.trace;

import java.util.Arrays;

/**
 * Finds the number of an edge from its addresses. Not part of the format. The hash is seeded, so
 * that a traced program cannot choose addresses that collide.
 */
final class EdgeHash {
  private static final int SLOT_BITS = 19;
  private static final int SLOTS = 1 << SLOT_BITS;

  static {
    assert SLOTS >= 2 * FormatLimits.RECORDS_PER_BLOCK;
  }

  private final int[] slots = new int[SLOTS];
  private final EdgeTable edges;
  private final long fromFactor;
  private final long toFactor;

  EdgeHash(EdgeTable edges, long seed) {
    this.edges = edges;
    java.util.SplittableRandom random = new java.util.SplittableRandom(seed);
    fromFactor = random.nextLong() | 1;
    toFactor = random.nextLong() | 1;
  }

  void clear() {
    Arrays.fill(slots, 0);
  }

  /** Returns the number of an edge, or 0 after adding it to the table as a new one. */
  int findOrAdd(long from, long to) {
    long mixed = from * fromFactor + Long.rotateLeft(to * toFactor, Integer.SIZE);
    int slot = (int) ((mixed * fromFactor) >>> (Long.SIZE - SLOT_BITS));
    while (true) {
      int edge = slots[slot];
      if (edge == 0) {
        slots[slot] = edges.add(from, to);
        return 0;
      }
      if (edges.is(edge, from, to)) {
        return edge;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
  }
}
