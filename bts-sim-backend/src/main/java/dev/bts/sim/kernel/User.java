package dev.bts.sim.kernel;

import dev.bts.api.charging.Principal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A user with the counters of locked System V memory ({@code struct ucounts}) and of what perf gave
 * ({@code user->locked_vm}).
 */
public final class User {
  private final Principal principal;
  private final @Nullable UserNamespace namespace;
  private final List<LockedSegment> segments = new ArrayList<>();
  private long memlockPages;
  private long perfPages;
  private long uringPages;

  /**
   * Describes a user.
   *
   * @param namespace where it is a user, null for the initial user namespace
   */
  User(Principal principal, @Nullable UserNamespace namespace) {
    this.principal = principal;
    this.namespace = namespace;
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

  /** Returns the pages of io_uring's rings, where perf does not count them too. */
  long uringPages() {
    return uringPages;
  }

  void chargeUring(long pages) {
    uringPages += pages;
  }

  /** Returns the segments that are locked at this user's expense, in order of time. */
  public List<LockedSegment> segments() {
    return List.copyOf(segments);
  }

  /**
   * shmctl(2) with SHM_LOCK on a new segment of the caller (6.12 ipc/shm.c, mm/mlock.c
   * user_shm_lock): the limit is the caller's, the counter the user's. The makers of the user
   * namespaces above are charged too, and must not exceed what those namespaces were given.
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
    boolean fits = charge(pages);
    if ((!fits || ResourceLimits.exceeds(memlockPages, limits.memlockPages())) && !capable) {
      charge(-pages);
      throw new SystemCallException(Errno.ENOMEM, "shmctl(SHM_LOCK)");
    }
    LockedSegment segment = new LockedSegment(this, pages);
    segments.add(segment);
    return segment;
  }

  void refund(LockedSegment segment) {
    charge(-segment.pages());
    segments.remove(segment);
  }

  /** Charges what is no part of this model's run. */
  public void chargeForeign(long lockedPages, long givenPages) {
    memlockPages += lockedPages;
    perfPages += givenPages;
  }

  /** inc_rlimit_ucounts: here and above; returns whether every maximum on the way is kept. */
  private boolean charge(long pages) {
    boolean fits = true;
    long maximum = ResourceLimits.INFINITE;
    for (User level = this; level != null; ) {
      level.memlockPages += pages;
      fits &= level.memlockPages <= maximum;
      UserNamespace in = level.namespace;
      maximum = in == null ? maximum : in.maximumPages();
      level = in == null ? null : in.owner();
    }
    return fits;
  }
}
