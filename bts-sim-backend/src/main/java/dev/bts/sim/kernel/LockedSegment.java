package dev.bts.sim.kernel;

/**
 * A System V segment under SHM_LOCK. It remembers who locked it and refunds that user, whoever
 * removes it (mm/mlock.c, user_shm_unlock).
 */
public final class LockedSegment {
  private final User payer;
  private final long pages;
  private boolean removed;

  LockedSegment(User payer, long pages) {
    this.payer = payer;
    this.pages = pages;
  }

  /** Returns who paid. */
  public User payer() {
    return payer;
  }

  /** Returns how many pages it has. */
  public long pages() {
    return pages;
  }

  /** Removes it at once, as IPC_RMID of a segment that nobody has attached. */
  void remove() {
    if (!removed) {
      removed = true;
      payer.refund(pages);
    }
  }
}
