package dev.bts.sim.kernel;

/**
 * A System V segment under SHM_LOCK. It remembers who locked it and refunds that user, whoever
 * unlocks or removes it (mm/mlock.c, user_shm_unlock).
 */
public final class LockedSegment implements Held {
  private final User payer;
  private final long pages;
  private boolean locked = true;

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

  /** Returns whether it is still locked. */
  public boolean locked() {
    return locked;
  }

  @Override
  public void letGo() {
    unlock();
  }

  /** Takes the lock off, as SHM_UNLOCK does, and IPC_RMID of a segment that nobody has attached. */
  void unlock() {
    if (locked) {
      locked = false;
      payer.refund(this);
    }
  }
}
