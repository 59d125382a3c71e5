package dev.bts.sim.kernel;

import dev.bts.api.charging.AccountOwner;
import dev.bts.sim.program.CodeImage;
import dev.bts.sim.program.Program;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** An address space ({@code struct mm_struct}) with the counters that memory is charged to. */
public final class AddressSpace {
  /** The stack and the data of a program: what a small C program has. */
  private static final long DATA_PAGES = 40;

  private static final long PAGE_BYTES = 4096;
  private final AccountOwner.AddressSpace identity;
  private final Set<Mapping> mappings = new LinkedHashSet<>();
  private final List<Held> held = new ArrayList<>();
  private final AreaMap areas = new AreaMap(this);
  private long totalPages;
  private long lockedPages;
  private long pinnedPages;

  /** How many tasks use it (mm_users); it is torn down when the last one leaves. */
  private int users;

  AddressSpace(AccountOwner.AddressSpace identity) {
    this.identity = identity;
  }

  /** Returns who it is, for accounting. */
  public AccountOwner.AddressSpace identity() {
    return identity;
  }

  /** Returns total_vm in pages. */
  public long totalPages() {
    return totalPages;
  }

  /** Returns locked_vm in pages. */
  public long lockedPages() {
    return lockedPages;
  }

  /** Returns pinned_vm in pages: what perf has beyond its gift. */
  public long pinnedPages() {
    return pinnedPages;
  }

  /** Returns what is mapped, in order of time. */
  public List<Mapping> mappings() {
    return List.copyOf(mappings);
  }

  /** Returns what is mapped at addresses, for system calls that give them. */
  AreaMap areas() {
    return areas;
  }

  /** Returns whether some task uses it. */
  public boolean isAlive() {
    return users > 0;
  }

  /** Returns how many pages a program has when it starts. */
  static long pagesOf(Program program) {
    CodeImage image = program.image();
    return DATA_PAGES + (image.end() - image.start() + PAGE_BYTES - 1) / PAGE_BYTES;
  }

  /** Maps the pages of a program, unlocked; a program is started whatever its limits. */
  void mapImage(long pages) {
    add(new Mapping(this, pages, false, true));
  }

  /**
   * mmap(2) with MAP_LOCKED and VM_DONTCOPY, in the kernel's order of checks (6.12 mm/mmap.c:
   * can_do_mlock, mlock_future_ok, may_expand_vm).
   *
   * @throws SystemCallException EPERM if RLIMIT_MEMLOCK is 0, EAGAIN over RLIMIT_MEMLOCK, neither
   *     with CAP_IPC_LOCK; ENOMEM over RLIMIT_AS
   */
  Mapping mapLocked(long pages, Credentials credentials, ResourceLimits limits)
      throws SystemCallException {
    boolean capable = credentials.has(Capability.CAP_IPC_LOCK);
    if (limits.memlockBytes() == 0 && !capable) {
      throw new SystemCallException(Errno.EPERM, "mmap");
    }
    if (ResourceLimits.exceeds(lockedPages + pages, limits.memlockPages()) && !capable) {
      throw new SystemCallException(Errno.EAGAIN, "mmap");
    }
    if (ResourceLimits.exceeds(totalPages + pages, limits.addressSpacePages())) {
      throw new SystemCallException(Errno.ENOMEM, "mmap");
    }
    return add(new Mapping(this, pages, true, false));
  }

  /** Keeps memory until the last task leaves. */
  <H extends Held> H hold(H memory) {
    held.add(memory);
    return memory;
  }

  /** Keeps it no longer. */
  void letGoOf(Held memory) {
    held.remove(memory);
  }

  void pin(long pages) {
    pinnedPages += pages;
  }

  /** Moves total_vm. */
  void map(long pages) {
    totalPages += pages;
  }

  /** Moves locked_vm. */
  void lock(long pages) {
    lockedPages += pages;
  }

  /** munmap(2) of a whole mapping; does nothing if it is gone already. */
  void unmap(Mapping mapping) {
    if (mappings.remove(mapping)) {
      totalPages -= mapping.pages();
      lockedPages -= mapping.locked() ? mapping.pages() : 0;
      mapping.unmap();
    }
  }

  /** munlock(2) of a whole mapping; does nothing if it is not locked. */
  void unlock(Mapping mapping) {
    if (mapping.locked()) {
      lockedPages -= mapping.pages();
      mapping.unlock();
    }
  }

  /** Gives a forked child what it inherits; locks are not inherited (mlock(2)). */
  void copyTo(AddressSpace child) {
    for (Mapping mapping : mappings) {
      if (mapping.inherited()) {
        child.add(new Mapping(child, mapping.pages(), false, true));
      }
    }
  }

  void enter() {
    users++;
  }

  /** A task leaves; the last one tears everything down (exit_mmap). */
  void leave() {
    users--;
    if (users == 0) {
      areas.closeAll();
      held.forEach(Held::letGo);
      held.clear();
      mappings.forEach(Mapping::unmap);
      mappings.clear();
      totalPages = 0;
      lockedPages = 0;
      pinnedPages = 0;
    }
  }

  private Mapping add(Mapping mapping) {
    mappings.add(mapping);
    totalPages += mapping.pages();
    lockedPages += mapping.locked() ? mapping.pages() : 0;
    return mapping;
  }
}
