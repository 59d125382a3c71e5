package dev.bts.sim.kernel;

import dev.bts.api.charging.Principal;
import java.util.ArrayList;
import java.util.List;

/**
 * A user with the counters of locked System V memory ({@code struct ucounts}) and of what perf gave
 * ({@code user->locked_vm}).
 */
public final class User {
  private final Principal principal;
  private final List<LockedSegment> segments = new ArrayList<>();
  private long memlockPages;
  private long perfPages;

  User(Principal principal) {
    this.principal = principal;
  }

  /** Returns who it is. */
  public Principal principal() {
    return principal;
  }

  /** Returns the pages of all segments that this user has locked. */
  public long memlockPages() {
    return memlockPages;
  }

  /** Returns the pages that this user has of perf's gift. */
  public long perfPages() {
    return perfPages;
  }

  void chargePerf(long pages) {
    perfPages += pages;
  }

  /** Returns the segments that are locked at this user's expense, in order of time. */
  public List<LockedSegment> segments() {
    return List.copyOf(segments);
  }

  /**
   * shmctl(2) with SHM_LOCK on a new segment of the caller (6.12 ipc/shm.c, mm/mlock.c
   * user_shm_lock): the limit is the caller's, the counter the user's.
   *
   * @throws SystemCallException EPERM if RLIMIT_MEMLOCK is 0, ENOMEM over RLIMIT_MEMLOCK, neither
   *     with CAP_IPC_LOCK
   */
  LockedSegment lockSegment(long pages, Credentials credentials, ResourceLimits limits)
      throws SystemCallException {
    boolean capable = credentials.has(Capability.CAP_IPC_LOCK);
    if (limits.memlockBytes() == 0 && !capable) {
      throw new SystemCallException(Errno.EPERM, "shmctl(SHM_LOCK)");
    }
    if (ResourceLimits.exceeds(memlockPages + pages, limits.memlockPages()) && !capable) {
      throw new SystemCallException(Errno.ENOMEM, "shmctl(SHM_LOCK)");
    }
    memlockPages += pages;
    LockedSegment segment = new LockedSegment(this, pages);
    segments.add(segment);
    return segment;
  }

  void refund(LockedSegment segment) {
    memlockPages -= segment.pages();
    segments.remove(segment);
  }
}
