package dev.bts.sim.kernel;

/**
 * The pages of a perf ring buffer, charged as perf_mmap() does (6.12 kernel/events/core.c): to the
 * user as far as the gift goes, the excess to the pinned_vm of the mapping address space.
 *
 * <p>The user's part is refunded to the user that paid. The excess is refunded to the address space
 * that closes the last mapping, unless the kernel is repaired (bug catalogue, row 22).
 */
public final class PerfMapping implements Held {
  private final User user;
  private final AddressSpace mm;
  private final long userPages;
  private final long pinnedPages;
  private boolean unmapped;

  private PerfMapping(User user, AddressSpace mm, long userPages, long pinnedPages) {
    this.user = user;
    this.mm = mm;
    this.userPages = userPages;
    this.pinnedPages = pinnedPages;
  }

  /**
   * Maps.
   *
   * @throws SystemCallException EPERM if pinned_vm would be over RLIMIT_MEMLOCK, without
   *     CAP_IPC_LOCK
   */
  static PerfMapping map(
      User user,
      AddressSpace mm,
      long pages,
      long giftPages,
      Credentials credentials,
      ResourceLimits limits)
      throws SystemCallException {
    long used = ResourceLimits.exceeds(user.perfPages(), giftPages) ? giftPages : user.perfPages();
    long excess = Math.max(0, used + pages - giftPages);
    if (ResourceLimits.exceeds(mm.pinnedPages() + excess, limits.memlockPages())
        && !credentials.has(Capability.CAP_IPC_LOCK)) {
      throw new SystemCallException(Errno.EPERM, "mmap");
    }
    user.chargePerf(pages - excess);
    mm.pin(excess);
    return new PerfMapping(user, mm, pages - excess, excess);
  }

  @Override
  public void letGo() {
    refund(mm);
  }

  /** Refunds the user that paid, and an address space; again, it has no effect. */
  void refund(AddressSpace refunded) {
    if (!unmapped) {
      unmapped = true;
      user.chargePerf(-userPages);
      // An address space that is gone has taken its counter with it.
      if (refunded.isAlive()) {
        refunded.pin(-pinnedPages);
      }
    }
  }

  /** Returns who mapped it first. */
  AddressSpace mapper() {
    return mm;
  }
}
