package dev.bts.kernel.software;

import dev.bts.api.BtsException;
import dev.bts.kernel.x86.Decoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translated code of one address space, its tables, and the area of the thread that runs it.
 */
public final class Translation {
  private static final int CODE_PAGES = 128;

  /** As many as a {@link TrapRoutine} has room for. */
  private static final int ARENAS_MAX = 32;

  /** How many blocks to translate at one time, the one asked for included. */
  private static final int AHEAD = 16;

  /** How many records are expanded at one time. */
  private static final int BATCH_RECORDS = 1024;

  /** What stands for the translation of code that has none. */
  private static final long NONE = 0;

  /** The answer if there is no room. */
  public static final long FULL = -1;

  private record Link(CodeArena arena, int displacementAt) {}

  private final ArenaSupply supply;
  private final Map<Integer, ThreadArea> threads = new HashMap<>();
  private final EdgeTable edges;
  private final TargetTable targets;
  private final BlockTranslator translator;
  private final List<CodeArena> code = new ArrayList<>();
  private final Map<Long, Long> entries = new HashMap<>();
  private final Map<Long, List<Link>> pending = new HashMap<>();
  private final long[] batch = new long[2 * BATCH_RECORDS];
  private final ArrayDeque<Long> ahead = new ArrayDeque<>();

  /**
   * Allocates what is needed before anything can be translated.
   *
   * @throws BtsException if there is no memory for it
   */
  public Translation(CodeSource source, Decoder decoder, ArenaSupply supply) {
    this.supply = supply;
    edges = new EdgeTable(supply);
    targets = new TargetTable(supply);
    translator = new BlockTranslator(source, decoder, edges, this::link);
  }

  /**
   * Returns the area of a thread, which has none with records in it.
   *
   * @param living the threads that there are: areas of others are used again
   * @throws BtsException if there is no memory for it
   */
  public ThreadArea area(int tid, Set<Integer> living) {
    ThreadArea known = threads.get(tid);
    if (known != null) {
      return known;
    }
    for (Map.Entry<Integer, ThreadArea> other : threads.entrySet()) {
      if (!living.contains(other.getKey())) {
        ThreadArea free = other.getValue();
        threads.remove(other.getKey());
        threads.put(tid, free);
        return free;
      }
    }
    ArenaSupply.Supplied supplied =
        supply.allocate(ArenaSupply.Place.LOW, 0, ThreadArea.PAGES, false);
    ThreadArea fresh = new ThreadArea(new Arena(supplied.bytes(), supplied.address()));
    threads.put(tid, fresh);
    return fresh;
  }

  /**
   * Gives an area that has been full a second piece of memory.
   *
   * @throws BtsException if there is none
   */
  public void widen(ThreadArea area) {
    if (!area.hasSpare()) {
      ArenaSupply.Supplied more =
          supply.allocate(ArenaSupply.Place.LOW, 0, ThreadArea.PAGES, false);
      area.setSpare(new Arena(more.bytes(), more.address()));
    }
  }

  /**
   * Lets a thread that has left the cache because its area is full go on with the second piece of
   * memory.
   *
   * @param exit the address of the way out
   * @return where it goes on, 0 if it cannot
   */
  public long turnOver(ThreadArea area, long exit) {
    Place place = placeOf(exit);
    if (place == null || !area.isFull() || !area.hasSpare()) {
      return NONE;
    }
    long address = place.argument() == 0 ? area.target() : place.argument();
    long entry = entries.getOrDefault(address, NONE);
    return entry != NONE && area.flip() ? entry : NONE;
  }

  /** Hands over what was recorded before an area was turned over; its thread may run. */
  public void drainSpare(ThreadArea area, BranchSink sink) {
    area.drainSpare(edges, batch, sink);
  }

  /** Hands over what a thread has recorded; it stands. */
  public void drain(ThreadArea area, BranchSink sink) {
    area.drain(edges, batch, sink);
  }

  /** Returns where the edge of a {@link Point} begins. */
  public long from(long edge) {
    return edges.from((int) edge);
  }

  /** Returns where it leads to. */
  public long to(long edge) {
    return edges.to((int) edge);
  }

  /** Forgets what code could not be translated: there is new code, perhaps at its addresses. */
  public void reconsider() {
    entries.values().removeIf(entry -> entry == NONE);
  }

  /** Forgets all translated code; no thread is in it, and all records are drained. */
  public void clear() {
    code.forEach(CodeArena::clear);
    entries.clear();
    pending.clear();
    edges.clear();
    targets.clear();
  }

  /**
   * Returns the translation of the code at an address of the program, translating it if need be; 0
   * if its first instruction cannot be translated, {@link #FULL} if there is no room for it before
   * everything else is {@linkplain #clear forgotten}.
   *
   * @throws BtsException if not even one block can be had
   */
  public long entry(long address) {
    Long known = entries.get(address);
    if (known != null) {
      return known;
    }
    try {
      ahead.clear();
      long entry = translateOne(address);
      for (int i = 1; i < AHEAD && entry != FULL && !ahead.isEmpty(); i++) {
        long next = ahead.removeFirst();
        if (!entries.containsKey(next) && translateOne(next) == FULL) {
          break;
        }
      }
      return entry;
    } catch (BtsException refused) {
      if (entries.isEmpty()) {
        throw refused;
      }
      return FULL;
    }
  }

  private long translateOne(long address) {
    CodeArena arena = arenaFor(address);
    if (arena == null) {
      return FULL;
    }
    long entry = arena.here();
    int before = arena.position();
    boolean translated = false;
    try {
      translated = translator.translate(address, arena);
    } finally {
      if (!translated) {
        arena.moveTo(before);
      }
    }
    if (!translated) {
      entries.put(address, NONE);
      return NONE;
    }
    entries.put(address, entry);
    targets.add(address, entry);
    List<Link> waiting = pending.remove(address);
    if (waiting != null) {
      for (Link link : waiting) {
        if (link.arena().reaches(entry)) {
          link.arena().link(link.displacementAt(), entry);
        }
      }
    }
    return entry;
  }

  private void link(CodeArena arena, int displacementAt, long target) {
    Long entry = entries.get(target);
    if (entry == null) {
      pending
          .computeIfAbsent(target, none -> new ArrayList<>())
          .add(new Link(arena, displacementAt));
      ahead.addLast(target);
    } else if (entry != NONE && arena.reaches(entry)) {
      arena.link(displacementAt, entry);
    }
  }

  /** Returns an arena near some code with room for a block, null if there are too many already. */
  private @Nullable CodeArena arenaFor(long address) {
    for (CodeArena arena : code) {
      if (arena.hasRoomFor(BlockTranslator.BYTES_MAX) && arena.isNear(address)) {
        return arena;
      }
    }
    if (code.size() == ARENAS_MAX) {
      return null;
    }
    ArenaSupply.Supplied supplied =
        supply.allocate(ArenaSupply.Place.NEAR, address, CODE_PAGES, true);
    CodeArena arena =
        new CodeArena(
            new Arena(supplied.bytes(), supplied.address()),
            code.isEmpty() ? 2 * TrapRoutine.BYTES_MAX : 0,
            targets.heads());
    code.add(arena);
    return arena;
  }

  private @Nullable CodeArena arenaOf(long address) {
    for (CodeArena arena : code) {
      if (arena.arena().contains(address)) {
        return arena;
      }
    }
    return null;
  }

  /** Returns whether an address is that of the int3 of a way out. */
  public boolean isExit(long address) {
    CodeArena arena = arenaOf(address);
    return arena != null && arena.isExit(address);
  }

  /** Finds the {@link Point} that an address of the cache belongs to, null if it is none. */
  public @Nullable Place placeOf(long address) {
    CodeArena arena = arenaOf(address);
    int index = arena == null ? -1 : arena.find(address);
    return arena == null || index < 0
        ? null
        : new Place(arena.pointAt(index), arena.argumentAt(index));
  }

  /**
   * A place in the cache.
   *
   * @param argument an address of the program or the number of an edge, as the point has it
   */
  public record Place(Point point, long argument) {}

  /** Returns how many arenas of code there are; with each new one the routine has to be written. */
  public int arenas() {
    return code.size();
  }

  /**
   * Writes the {@link TrapRoutine} for the arenas that there are, at least one.
   *
   * @return its address
   */
  public long writeTrapRoutine(long goOn, long otherwise) {
    // Beside the one before, which may be needed while this is written.
    int offset = code.size() % 2 * TrapRoutine.BYTES_MAX;
    TrapRoutine.write(code, offset, goOn, otherwise);
    return code.get(0).arena().address() + offset;
  }
}
