package dev.bts.kernel.software;

import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * The branches of translated code by number: from and to, or only from where the target is known no
 * sooner than it is taken. Number 0 is none.
 */
final class EdgeTable {
  /** What stands for the target of an indirect branch. */
  static final long INDIRECT = 0;

  private static final int CHUNK_PAGES = 32;
  private static final int EDGE_LONGS = 2;
  private static final int CHUNK_SHIFT = 13;
  private static final int CHUNK_EDGES = 1 << CHUNK_SHIFT;
  private static final int CHUNK_MASK = CHUNK_EDGES - 1;

  private final ArenaSupply supply;
  private LongBuffer[] chunks = {};
  private int used;

  EdgeTable(ArenaSupply supply) {
    this.supply = supply;
    clear();
  }

  /** Forgets all edges; the memory stays. */
  void clear() {
    used = 1;
  }

  /**
   * Adds an edge and returns its number.
   *
   * @throws dev.bts.api.BtsException if there is no memory for it
   */
  int add(long from, long to) {
    if (used >= chunks.length * CHUNK_EDGES) {
      // The header takes the place of a few edges, so a chunk is a little larger than these.
      ArenaSupply.Supplied supplied =
          supply.allocate(ArenaSupply.Place.TRACER, 0, CHUNK_PAGES + 1, false);
      chunks = Arrays.copyOf(chunks, chunks.length + 1);
      chunks[chunks.length - 1] = new Arena(supplied.bytes(), 0).bytes().asLongBuffer();
    }
    LongBuffer chunk = chunks[used >> CHUNK_SHIFT];
    int at = (used & CHUNK_MASK) * EDGE_LONGS;
    chunk.put(at, from);
    chunk.put(at + 1, to);
    return used++;
  }

  long from(int edge) {
    return chunks[edge >> CHUNK_SHIFT].get((edge & CHUNK_MASK) * EDGE_LONGS);
  }

  long to(int edge) {
    return chunks[edge >> CHUNK_SHIFT].get((edge & CHUNK_MASK) * EDGE_LONGS + 1);
  }
}
