package dev.bts.sim.kernel;

import dev.bts.api.charging.AccountOwner;
import org.jspecify.annotations.Nullable;

/**
 * A memory control group ({@code struct mem_cgroup}): a counter with a limit, below its parent's. A
 * charge goes to the group and all above it, or to none (mm/page_counter.c, try_charge).
 */
public final class MemoryGroup {
  private final AccountOwner.Group identity;
  private final @Nullable MemoryGroup parent;
  private long pages;
  private long limitPages = ResourceLimits.INFINITE;

  MemoryGroup(AccountOwner.Group identity, @Nullable MemoryGroup parent) {
    this.identity = identity;
    this.parent = parent;
  }

  /** Returns who it is, for accounting. */
  public AccountOwner.Group identity() {
    return identity;
  }

  /** Returns the pages charged to it and to the groups below it. */
  public long pages() {
    return pages;
  }

  /** Returns its limit in pages, {@link ResourceLimits#INFINITE} if there is none. */
  public long limitPages() {
    return limitPages;
  }

  void limit(long newLimitPages) {
    limitPages = newLimitPages;
  }

  void charge(long more) throws SystemCallException {
    for (MemoryGroup level = this; level != null; level = level.parent) {
      if (ResourceLimits.exceeds(level.pages + more, level.limitPages)) {
        throw new SystemCallException(Errno.ENOMEM, "fallocate");
      }
    }
    for (MemoryGroup level = this; level != null; level = level.parent) {
      level.pages += more;
    }
  }

  void refund(long fewer) {
    for (MemoryGroup level = this; level != null; level = level.parent) {
      level.pages -= fewer;
    }
  }
}
