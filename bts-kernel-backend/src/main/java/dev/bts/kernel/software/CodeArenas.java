package dev.bts.kernel.software;

import dev.bts.api.BtsException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arenas of translated code of one address space, each near the code that it is made from. */
final class CodeArenas {
  /** The size of the first arenas. */
  static final int PAGES = 128;

  /** A program that has filled so many of them has much code, and gets larger ones. */
  private static final int SMALL_ARENAS = 8;

  private static final int MANY_PAGES = 1024;

  /** As many as a {@link TrapRoutine} has room for. */
  private static final int ARENAS_MAX = 32;

  private final ArenaSupply supply;
  private final TargetTable targets;
  private final List<CodeArena> arenas = new ArrayList<>();

  CodeArenas(ArenaSupply supply, TargetTable targets) {
    this.supply = supply;
    this.targets = targets;
  }

  /** Forgets all translated code; the arenas stay. */
  void clear() {
    arenas.forEach(CodeArena::clear);
  }

  /** Returns how many there are. */
  int count() {
    return arenas.size();
  }

  /**
   * Returns an arena near some code with so much room, null if there are too many already.
   *
   * @throws BtsException if there is no memory for another one
   */
  @Nullable CodeArena withRoom(long address, int room) {
    for (CodeArena arena : arenas) {
      if (arena.hasRoomFor(room) && arena.isNear(address)) {
        return arena;
      }
    }
    if (arenas.size() == ARENAS_MAX) {
      return null;
    }
    ArenaSupply.Supplied supplied = allocate(address);
    CodeArena arena =
        new CodeArena(
            new Arena(supplied.bytes(), supplied.address()),
            arenas.isEmpty() ? 2 * TrapRoutine.BYTES_MAX : 0,
            targets);
    arenas.add(arena);
    return arena;
  }

  private ArenaSupply.Supplied allocate(long address) {
    if (arenas.size() >= SMALL_ARENAS) {
      try {
        return supply.allocate(ArenaSupply.Place.NEAR, address, MANY_PAGES, true);
      } catch (BtsException refused) {
        // Less may be granted.
      }
    }
    return supply.allocate(ArenaSupply.Place.NEAR, address, PAGES, true);
  }

  /** Returns the arena that an address lies in, null if it is in none. */
  @Nullable CodeArena of(long address) {
    for (CodeArena arena : arenas) {
      if (arena.arena().contains(address)) {
        return arena;
      }
    }
    return null;
  }

  /**
   * Writes the {@link TrapRoutine} for the arenas that there are, at least one.
   *
   * @return its address
   */
  long writeTrapRoutine(long goOn, long otherwise) {
    // Beside the one before, which may be needed while this is written.
    int offset = arenas.size() % 2 * TrapRoutine.BYTES_MAX;
    TrapRoutine.write(arenas, offset, goOn, otherwise);
    return arenas.get(0).arena().address() + offset;
  }
}
