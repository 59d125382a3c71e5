package dev.bts.kernel.software;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The translations of targets of indirect branches, as translated code looks them up: a hash table
 * with chains, indexed by the low 16 bits of the program's address, below 2 GiB in the tracee.
 */
final class TargetTable {
  /** The offset of the program's address in an entry. */
  static final int KEY = 0;

  /** The offset of its translation. */
  static final int VALUE = 8;

  /** The offset of the next entry's address, 4 bytes, 0 if there is none. */
  static final int NEXT = 16;

  private static final int ENTRY_BYTES = 24;
  private static final int HEADS = 1 << 16;
  private static final int HEAD_MASK = HEADS - 1;
  private static final int HEADS_BYTES = HEADS * Integer.BYTES;
  static final int FIRST_PAGES = 128;
  private static final int MORE_PAGES = 64;

  private final ArenaSupply supply;
  private final Arena first;
  private final int liveness;
  private final List<Arena> arenas = new ArrayList<>();
  private Arena current;
  private int used = HEADS_BYTES;

  /**
   * Allocates an empty table.
   *
   * @throws dev.bts.api.BtsException if there is no memory for it
   */
  TargetTable(ArenaSupply supply) {
    this.supply = supply;
    ArenaSupply.Supplied supplied = supply.allocate(ArenaSupply.Place.LOW, 0, FIRST_PAGES, false);
    liveness = Math.toIntExact(supplied.liveness());
    first = keep(supplied);
    current = first;
  }

  private Arena keep(ArenaSupply.Supplied supplied) {
    Arena arena = new Arena(supplied.bytes(), supplied.address());
    arenas.add(arena);
    return arena;
  }

  /** Returns the address of a byte that is 0 as long as the tracer lives. */
  int liveness() {
    return liveness;
  }

  /** Returns the address of the first chain's head; heads take 4 bytes each. */
  int heads() {
    return Math.toIntExact(first.address());
  }

  /**
   * Adds the translation of a target, before any that it has already.
   *
   * @throws dev.bts.api.BtsException if there is no memory for it
   */
  void add(long target, long translation) {
    if (used + ENTRY_BYTES > current.size()) {
      current = keep(supply.allocate(ArenaSupply.Place.LOW, 0, MORE_PAGES, false));
      used = 0;
    }
    int head = ((int) target & HEAD_MASK) * Integer.BYTES;
    ByteBuffer entries = current.bytes();
    entries.putLong(used + KEY, target);
    entries.putLong(used + VALUE, translation);
    entries.putInt(used + NEXT, first.bytes().getInt(head));
    // Last, so that who looks meanwhile finds an entry that is whole, and translated code behind
    // it.
    VarHandle.releaseFence();
    first.bytes().putInt(head, Math.toIntExact(current.address() + used));
    used += ENTRY_BYTES;
  }

  /** Forgets one target; nobody looks anything up meanwhile. */
  void remove(long target) {
    ByteBuffer before = first.bytes();
    int nextAt = ((int) target & HEAD_MASK) * Integer.BYTES;
    int entry = before.getInt(nextAt);
    while (entry != 0) {
      Arena arena = arenaOf(entry);
      int at = (int) (entry - arena.address());
      int next = arena.bytes().getInt(at + NEXT);
      if (arena.bytes().getLong(at + KEY) == target) {
        before.putInt(nextAt, next);
      } else {
        before = arena.bytes();
        nextAt = at + NEXT;
      }
      entry = next;
    }
  }

  private Arena arenaOf(int entry) {
    for (Arena arena : arenas) {
      if (arena.contains(entry)) {
        return arena;
      }
    }
    throw new IllegalStateException("no target is at 0x" + Integer.toHexString(entry));
  }

  /** Forgets all targets. Entries in further memory are not used again, which happens rarely. */
  void clear() {
    for (int at = 0; at < HEADS_BYTES; at += Long.BYTES) {
      first.bytes().putLong(at, 0);
    }
    used = current == first ? HEADS_BYTES : 0;
  }
}
