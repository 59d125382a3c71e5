package dev.bts.kernel.ptrace;

import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.kernel.memory.TraceePlace;
import dev.bts.kernel.software.ArenaSupply;
import dev.bts.kernel.sys.Mapping;
import java.util.List;

/**
 * The memory for the translation of one process, at addresses where the program does not come
 * across it: far from where the kernel puts the program's own next mappings.
 */
final class ArenaPlaces implements ArenaSupply {
  private static final long GIB = 1L << 30;
  private static final long STEP_BYTES = 1L << 20;

  /** Above the programs that are linked to fixed addresses, and their heaps. */
  private static final long LOWEST = 0x1000_0000L;

  private static final long LOW_END = 0x7fff_0000L;

  /** Code of programs that are linked to fixed addresses is within reach of what lies below. */
  private static final long LOW_CODE_END = 0x7a00_0000L;

  private static final long HIGHEST = 0x7fff_ffff_0000L;

  private final Tracee tracee;
  private final SharedPages pages;

  ArenaPlaces(Tracee tracee, SharedPages pages) {
    this.tracee = tracee;
    this.pages = pages;
  }

  @Override
  public Supplied allocate(Place place, long near, int count, boolean executable) {
    if (place == Place.TRACER) {
      return new Supplied(pages.allocate(tracee, null, count), 0, 0);
    }
    long bytes = count * Mapping.PAGE_BYTES;
    long address =
        place == Place.LOW
            ? down(LOW_END, LOWEST, bytes)
            : near < LOW_END ? down(LOW_CODE_END, LOWEST, bytes) : near(near, bytes);
    TraceePlace where = new TraceePlace(address, executable);
    var shared = pages.allocate(tracee, where, count);
    return new Supplied(
        shared, address + bytes - shared.capacity(), address + TraceePlace.DEATH_OFFSET);
  }

  /** A gibibyte away, so that relative addresses reach both ways. */
  private long near(long code, long bytes) {
    long below = code - GIB;
    try {
      return down(below, Math.max(LOWEST, below - GIB / 2), bytes);
    } catch (TargetException full) {
      return down(Math.min(HIGHEST, code + GIB + GIB / 2), code + GIB, bytes);
    }
  }

  /** Returns the highest free place that ends at or below an address. */
  private long down(long from, long lowest, long bytes) {
    List<MemoryArea> areas = tracee.memory().allAreas();
    for (long start = (from - bytes) & -STEP_BYTES; start >= lowest; start -= STEP_BYTES) {
      long first = start;
      if (areas.stream().noneMatch(area -> area.overlaps(first, first + bytes))) {
        return start;
      }
    }
    throw new TargetException(
        new Explanation(
            "translate the code of process " + tracee.pid(),
            "there are no "
                + bytes
                + " bytes free between "
                + Long.toHexString(lowest)
                + " and "
                + Long.toHexString(from),
            "use single-step"));
  }
}
