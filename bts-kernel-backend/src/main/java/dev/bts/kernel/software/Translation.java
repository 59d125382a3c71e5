package dev.bts.kernel.software;

import dev.bts.api.BtsException;
import dev.bts.kernel.x86.Decoder;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translated code of one address space, its tables, and the area of the thread that runs it.
 */
public final class Translation {
  /** How many pages a process needs before the first of its code can be translated. */
  public static final int FIRST_PAGES =
      TargetTable.FIRST_PAGES + PathTable.PAGES + ThreadArea.SMALL_PAGES + CodeArenas.PAGES;

  /** How many blocks to translate at one time, the one asked for included. */
  private static final int AHEAD = 16;

  /** How many areas are filled at most from one look at what is hot to the next. */
  private static final int AREAS_PER_LOOK_MAX = 64;

  /** How much room the translations of hot paths may take, with what their records stand for. */
  private static final int HOT_BYTES_MAX = 1 << 22;

  /** What is done by one tree is not known for good: the program may come to another phase. */
  private static final int TREES_PER_PLACE_MAX = 4;

  /** How many times longer its paths must be for a tree to be worth translating. */
  private static final double GAIN_MIN = 1.3;

  /** What stands for the translation of code that has none. */
  private static final long NONE = 0;

  /** The answer if there is no room. */
  public static final long FULL = -1;

  private final ArenaSupply supply;
  private final Map<Integer, ThreadArea> threads = new HashMap<>();
  private final Origins origins;
  private final CodeReader reader;
  private final PathTable paths;
  private final TargetTable targets;
  private final CodeArenas code;
  private final Map<Long, Long> entries = new HashMap<>();

  private final Links links = new Links();
  private final Profile profile = new Profile();

  /** How many trees were translated for each hot place. */
  private final Map<Long, Integer> grown = new HashMap<>();

  private int hotBytes;
  private int areasToLook;
  private int areasPerLook;
  private final ArrayDeque<Long> ahead = new ArrayDeque<>();

  /**
   * Allocates what is needed before anything can be translated.
   *
   * @throws BtsException if there is no memory for it
   */
  public Translation(CodeSource source, Decoder decoder, ArenaSupply supply) {
    origins = new Origins(source);
    reader = new CodeReader(origins, decoder);
    this.supply = supply;
    paths = new PathTable(supply);
    targets = new TargetTable(supply);
    code = new CodeArenas(supply, targets);
    lookSoon();
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
    ThreadArea fresh = new ThreadArea(supply);
    threads.put(tid, fresh);
    return fresh;
  }

  /**
   * Gives an area that has been full more memory, if it has not as much as it may have.
   *
   * @throws BtsException if there is none
   */
  public void widen(ThreadArea area) {
    area.widen(supply);
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
    if (place == null || !area.isFull() || !area.hasSpare() || areasToLook <= 1) {
      return NONE;
    }
    long address = place.address() == 0 ? area.target() : place.address();
    long entry = entries.getOrDefault(address, NONE);
    if (entry == NONE || !area.flip()) {
      return NONE;
    }
    areasToLook--;
    return entry;
  }

  /**
   * Returns what was recorded before an area was turned over; its thread may run. Valid until the
   * area is turned over again.
   */
  public AreaRun drainSpare(ThreadArea area, int tid) {
    return area.takeSpare(paths, tid);
  }

  /**
   * Returns what a thread has recorded, which stands; valid until it runs or code is translated.
   *
   * @param path a path that was taken and not recorded, 0 for none
   * @param target where it leads to, if it is known no sooner than it is taken
   */
  public AreaRun drain(ThreadArea area, int tid, int path, long target) {
    boolean looks = area.isFull() && areasToLook > 0 && --areasToLook == 0;
    if (path != 0) {
      area.add(path, target, paths);
    }
    AreaRun run = area.take(paths, tid);
    if (looks) {
      profile.add(run.copy());
    }
    return run;
  }

  /** Forgets what code could not be translated: there is new code, perhaps at its addresses. */
  public void reconsider() {
    entries.values().removeIf(entry -> entry == NONE);
  }

  /** Returns whether any translated code was made from a piece of the program's memory. */
  public boolean isOf(long from, long to) {
    return origins.includes(from, to);
  }

  /**
   * Forgets what was translated from a piece of the program's memory; no thread is in the cache.
   */
  public void forget(long from, long to) {
    for (long address : origins.take(from, to)) {
      entries.remove(address);
      targets.remove(address);
      links.forget(address);
    }
  }

  /** Forgets all translated code; no thread is in it, and all records are drained. */
  public void clear() {
    code.clear();
    entries.clear();
    origins.clear();
    links.clear();
    paths.clear();
    targets.clear();
    profile.clear();
    grown.clear();
    hotBytes = 0;
    lookSoon();
  }

  private void lookSoon() {
    areasPerLook = 1;
    areasToLook = 1;
  }

  /**
   * Returns the translation of the code at an address of the program, translating it if need be; 0
   * if its first instruction cannot be translated, {@link #FULL} if there is no room for it before
   * everything else is {@linkplain #clear forgotten}.
   *
   * @throws BtsException if not even one block can be had
   */
  public long entry(long address) {
    if (areasToLook == 0) {
      followHotPaths();
    }
    Long known = entries.get(address);
    if (known != null) {
      return known;
    }
    ahead.clear();
    long entry;
    try {
      entry = translate(new PathTree(address));
    } catch (BtsException refused) {
      if (entries.isEmpty()) {
        throw refused;
      }
      return FULL;
    }
    if (entry != FULL) {
      translateAhead();
    }
    return entry;
  }

  /** Translates some of what lies ahead, if there is memory for it. */
  private void translateAhead() {
    try {
      for (int i = 1; i < AHEAD && !ahead.isEmpty(); i++) {
        long next = ahead.removeFirst();
        if (!entries.containsKey(next) && translate(new PathTree(next)) == FULL) {
          return;
        }
      }
    } catch (BtsException refused) {
      // Who comes there asks for it again, and is told.
      ahead.clear();
    }
  }

  /** Translates the paths that were taken most, now that areas have been filled. */
  private void followHotPaths() {
    boolean found = false;
    try {
      for (Profile.HotPlace place : profile.hotPlaces(paths)) {
        if (isWorthFollowing(place)) {
          PathTree tree = profile.tree(place, paths);
          if (tree.branchesPerPath() > GAIN_MIN * place.branchesPerRecord()) {
            found = true;
            grown.merge(place.address(), 1, Integer::sum);
            if (translate(tree) == FULL) {
              hotBytes = HOT_BYTES_MAX;
            }
          }
        }
      }
    } catch (BtsException refused) {
      // What there is goes on to work, only not faster.
      hotBytes = HOT_BYTES_MAX;
    }
    profile.clear();
    areasPerLook = found ? 1 : Math.min(2 * areasPerLook, AREAS_PER_LOOK_MAX);
    areasToLook = hotBytes < HOT_BYTES_MAX ? areasPerLook : Integer.MAX_VALUE;
  }

  private boolean isWorthFollowing(Profile.HotPlace place) {
    return hotBytes < HOT_BYTES_MAX
        && grown.getOrDefault(place.address(), 0) < TREES_PER_PLACE_MAX
        && entries.getOrDefault(place.address(), NONE) != NONE;
  }

  private long translate(PathTree tree) {
    long address = tree.root().address();
    int room = TreeTranslator.bytesMax(tree);
    CodeArena arena = code.withRoom(address, room);
    if (arena == null) {
      return FULL;
    }
    long entry = arena.here();
    int before = arena.position();
    origins.begin();
    TreeTranslator translator = new TreeTranslator(reader, paths, arena, tree);
    int pathBytesBefore = paths.bytes();
    boolean translated = false;
    try {
      translated = translator.translate();
    } finally {
      if (!translated) {
        arena.backTo(before);
        paths.backTo(pathBytesBefore);
      }
    }
    origins.end(address);
    if (!translated) {
      entries.putIfAbsent(address, NONE);
      return NONE;
    }
    if (!tree.isBare()) {
      hotBytes += arena.position() - before + paths.bytes() - pathBytesBefore;
    }
    entries.put(address, entry);
    for (TreeEnds.Way way : translator.ends().ways()) {
      link(address, arena, way);
    }
    // No jump leads there, and nearly every call comes back.
    ahead.addAll(translator.ends().returns());
    targets.add(address, entry);
    links.leadTo(address, entry);
    return entry;
  }

  /** Leads a way out to the translation of its target, now and whenever there is another one. */
  private void link(long source, CodeArena arena, TreeEnds.Way way) {
    Long entry = entries.get(way.target());
    if (entry == null) {
      ahead.addLast(way.target());
    }
    links.add(source, arena, way, entry == null ? NONE : entry);
  }

  /** Returns whether an address is that of the int3 of a way out. */
  public boolean isExit(long address) {
    CodeArena arena = code.of(address);
    return arena != null && arena.isExit(address);
  }

  /** Finds the {@link Point} that an address of the cache belongs to, null if it is none. */
  public @Nullable Place placeOf(long address) {
    CodeArena arena = code.of(address);
    int index = arena == null ? -1 : arena.find(address);
    return arena == null || index < 0 ? null : arena.placeAt(index);
  }

  /**
   * A place in the cache.
   *
   * @param address the address of the program that goes with the point, 0 if none does
   * @param path the path that goes with it, 0 if none does
   */
  public record Place(Point point, long address, int path) {}

  /** Returns how many arenas of code there are; with each new one the routine has to be written. */
  public int arenas() {
    return code.count();
  }

  /**
   * Writes the {@link TrapRoutine} for the arenas that there are, at least one.
   *
   * @return its address
   */
  public long writeTrapRoutine(long goOn, long otherwise) {
    return code.writeTrapRoutine(goOn, otherwise);
  }
}
