package dev.bts.sim.kernel;

/**
 * A ring of io_uring ({@code struct io_ring_ctx}): the pages of its queues are charged to the user
 * that set it up. The kernel refunds them some time after the last descriptor is closed; the model
 * at once (bug catalogue, row 24, is the time between).
 */
final class UringRing extends OpenFile {
  private final User user;
  private final long pages;
  private final boolean shared;

  private UringRing(User user, long pages, boolean shared) {
    this.user = user;
    this.pages = pages;
    this.shared = shared;
  }

  /**
   * Sets a ring up.
   *
   * @throws SystemCallException ENOMEM over RLIMIT_MEMLOCK without CAP_IPC_LOCK
   */
  static UringRing setUp(Memory memory, Task task, long pages) throws SystemCallException {
    User user = memory.perfUser(task.credentials().principal());
    boolean shared = memory.kernel().perfAndUringShareCounter();
    long used = shared ? user.perfPages() : user.uringPages();
    if (!task.credentials().has(Capability.CAP_IPC_LOCK)
        && ResourceLimits.exceeds(used + pages, task.group().limits().memlockPages())) {
      throw new SystemCallException(Errno.ENOMEM, "io_uring_setup");
    }
    UringRing ring = new UringRing(user, pages, shared);
    ring.charge(pages);
    return ring;
  }

  private void charge(long more) {
    if (shared) {
      user.chargePerf(more);
    } else {
      user.chargeUring(more);
    }
  }

  @Override
  void release() {
    charge(-pages);
  }
}
