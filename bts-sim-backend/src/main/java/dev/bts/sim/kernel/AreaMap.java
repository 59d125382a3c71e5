package dev.bts.sim.kernel;

import dev.bts.sim.kernel.Area.Lock;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The areas of an address space by address ({@code mm->mm_mt}), and the system calls that map and
 * lock ranges of them, in the kernel's order of checks (6.18 mm/mmap.c, mm/vma.c, mm/mlock.c,
 * mm/mremap.c).
 */
final class AreaMap {
  private final AddressSpace mm;
  private final TreeMap<Long, Area> areas = new TreeMap<>();

  /** How what is mapped from now on is locked (mm->def_flags). */
  private Lock future = Lock.NONE;

  AreaMap(AddressSpace mm) {
    this.mm = mm;
  }

  boolean isFree(long start, long pages) {
    return overlapping(start, start + pages).isEmpty();
  }

  /** Returns the area that a page is in, null if none is. */
  @Nullable Area at(long page) {
    var found = areas.floorEntry(page);
    return found != null && page < found.getValue().end() ? found.getValue() : null;
  }

  List<Area> overlapping(long from, long to) {
    List<Area> found = new ArrayList<>();
    Area before = at(from);
    if (before != null) {
      found.add(before);
    }
    found.addAll(areas.subMap(from, before == null, to, false).values());
    return found;
  }

  /** Refuses what mlockall(MCL_FUTURE) would lock over the limit. */
  void checkFuture(boolean locked, long pages, Task task, String call) throws SystemCallException {
    if ((locked || future != Lock.NONE)
        && !capable(task)
        && ResourceLimits.exceeds(mm.lockedPages() + pages, task.group().limits().memlockPages())) {
      throw new SystemCallException(Errno.EAGAIN, call);
    }
  }

  /** Adds an area that was checked; counters move. */
  void add(long start, long pages, boolean locked, Area.@Nullable Backing backing) {
    boolean special = backing != null && backing.special();
    Lock wanted = locked && future == Lock.NONE ? Lock.POPULATED : future;
    Area area = new Area(start, pages, special ? Lock.NONE : wanted, backing);
    areas.put(start, area);
    mm.map(pages);
    mm.lock(area.locked() ? pages : 0);
    if (backing != null) {
      backing.opened();
    }
  }

  /** mmap(2), private and anonymous, with MAP_FIXED_NOREPLACE. */
  void map(long start, long pages, boolean locked, Task task) throws SystemCallException {
    if (!isFree(start, pages)) {
      throw new SystemCallException(Errno.EEXIST, "mmap");
    }
    if (locked) {
      checkMayLock(task, "mmap");
    }
    checkFuture(locked, pages, task, "mmap");
    add(start, pages, locked, null);
  }

  /**
   * munmap(2).
   *
   * @throws SystemCallException EINVAL if an area that cannot be split would have to be; then
   *     nothing is unmapped
   */
  void unmap(long start, long pages) throws SystemCallException {
    long end = start + pages;
    List<Area> found = overlapping(start, end);
    for (Area area : found) {
      if (area.special() && area.overlap(start, end) < area.pages()) {
        throw new SystemCallException(Errno.EINVAL, "munmap");
      }
    }
    for (Area area : found) {
      split(area, start, end);
      remove(part(area, start, end));
    }
  }

  /** mremap(2) without flags, of the page before a range's end, by so many pages more. */
  void grow(long lastPage, long more, Task task) throws SystemCallException {
    Area area = at(lastPage);
    if (area == null || area.special()) {
      throw new SystemCallException(Errno.EFAULT, "mremap");
    }
    if (area.locked()
        && !capable(task)
        && ResourceLimits.exceeds(mm.lockedPages() + more, task.group().limits().memlockPages())) {
      throw new SystemCallException(Errno.EAGAIN, "mremap");
    }
    areas.put(
        area.start(), new Area(area.start(), area.pages() + more, area.lock(), area.backing()));
    mm.map(more);
    mm.lock(area.locked() ? more : 0);
  }

  /** mlock(2). Pages before a gap stay locked when it fails because of the gap. */
  void lock(long start, long pages, boolean onFault, Task task) throws SystemCallException {
    checkMayLock(task, "mlock");
    long limit = task.group().limits().memlockPages();
    long wanted = pages + mm.lockedPages();
    if (ResourceLimits.exceeds(wanted, limit) && !capable(task)) {
      for (Area area : overlapping(start, start + pages)) {
        wanted -= area.locked() ? area.overlap(start, start + pages) : 0;
      }
      if (ResourceLimits.exceeds(wanted, limit)) {
        throw new SystemCallException(Errno.ENOMEM, "mlock");
      }
    }
    apply(start, pages, lock(onFault));
  }

  /** munlock(2). */
  void unlock(long start, long pages) throws SystemCallException {
    apply(start, pages, Lock.NONE);
  }

  /** mlockall(2). */
  void lockAll(boolean current, boolean future, boolean onFault, Task task)
      throws SystemCallException {
    if (!current && !future) {
      throw new SystemCallException(
          Errno.EINVAL, onFault ? "mlockall(MCL_ONFAULT)" : "mlockall(0)");
    }
    checkMayLock(task, "mlockall");
    if (current
        && !capable(task)
        && ResourceLimits.exceeds(mm.totalPages(), task.group().limits().memlockPages())) {
      throw new SystemCallException(Errno.ENOMEM, "mlockall");
    }
    this.future = future ? lock(onFault) : Lock.NONE;
    if (current) {
      setAll(lock(onFault));
    }
  }

  /** munlockall(2). */
  void unlockAll() {
    future = Lock.NONE;
    setAll(Lock.NONE);
  }

  /** Gives a forked child what it inherits, unlocked. */
  void copyTo(AreaMap child) {
    for (Area area : areas.values()) {
      if (area.inherited()) {
        child.add(area.start(), area.pages(), false, area.backing());
      }
    }
  }

  /** The address space ends. */
  void closeAll() {
    List<Area> all = List.copyOf(areas.values());
    all.forEach(this::remove);
  }

  void remove(Area area) {
    areas.remove(area.start());
    mm.map(-area.pages());
    mm.lock(area.locked() ? -area.pages() : 0);
    if (area.backing() != null) {
      area.backing().closed(mm);
    }
  }

  private void apply(long start, long pages, Lock lock) throws SystemCallException {
    long end = start + pages;
    long reached = start;
    for (Area area : overlapping(start, end)) {
      if (area.start() > reached) {
        break;
      }
      reached = area.end();
      if (!area.special() && area.lock() != lock) {
        split(area, start, end);
        set(part(area, start, end), lock);
      }
    }
    if (reached < end) {
      throw new SystemCallException(Errno.ENOMEM, lock == Lock.NONE ? "munlock" : "mlock");
    }
  }

  private void setAll(Lock lock) {
    for (Area area : List.copyOf(areas.values())) {
      if (!area.special() && area.lock() != lock) {
        set(area, lock);
      }
    }
  }

  private void set(Area area, Lock lock) {
    Area changed = area.with(lock);
    areas.put(area.start(), changed);
    mm.lock((changed.locked() ? area.pages() : 0) - (area.locked() ? area.pages() : 0));
  }

  private static Lock lock(boolean onFault) {
    return onFault ? Lock.ON_FAULT : Lock.POPULATED;
  }

  /** Makes what a range has of an area an area of its own. */
  private void split(Area area, long from, long to) {
    cut(area, from);
    cut(part(area, Math.max(area.start(), from), area.end()), to);
  }

  private void cut(Area area, long at) {
    if (at > area.start() && at < area.end()) {
      areas.put(area.start(), area.part(area.start(), at));
      areas.put(at, area.part(at, area.end()));
      if (area.backing() != null) {
        area.backing().opened();
      }
    }
  }

  private static Area part(Area area, long from, long to) {
    return area.part(Math.max(area.start(), from), Math.min(area.end(), to));
  }

  private static void checkMayLock(Task task, String call) throws SystemCallException {
    if (task.group().limits().memlockBytes() == 0 && !capable(task)) {
      throw new SystemCallException(Errno.EPERM, call);
    }
  }

  private static boolean capable(Task task) {
    return task.credentials().has(Capability.CAP_IPC_LOCK);
  }
}
