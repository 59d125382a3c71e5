package dev.bts.sim.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A System V segment ({@code struct shmid_kernel}). It remembers who locked it, which may be
 * another than who made it; it goes when it is removed and no area shows it.
 */
public final class SharedSegment {
  private final long pages;
  private final int creatorUid;
  private @Nullable LockedSegment lock;
  private int areas;
  private boolean removed;

  SharedSegment(long pages, int creatorUid) {
    this.pages = pages;
    this.creatorUid = creatorUid;
  }

  /** Returns how many pages it has. */
  public long pages() {
    return pages;
  }

  /** Returns whether it is no more. */
  public boolean gone() {
    return removed && areas == 0;
  }

  int creatorUid() {
    return creatorUid;
  }

  boolean locked() {
    return lock != null;
  }

  void lock(LockedSegment by) {
    lock = by;
  }

  void unlock() {
    LockedSegment held = lock;
    if (held != null) {
      lock = null;
      held.unlock();
    }
  }

  void remove() {
    removed = true;
    unlockIfGone();
  }

  /** One shmat(2): areas that it is split into have it in common. */
  Attachment attach() {
    return new Attachment();
  }

  private void unlockIfGone() {
    if (gone()) {
      unlock();
    }
  }

  /** A segment as it is mapped by one call. */
  final class Attachment implements Area.Backing {
    private Attachment() {}

    SharedSegment segment() {
      return SharedSegment.this;
    }

    @Override
    public boolean special() {
      return false;
    }

    @Override
    public boolean inherited() {
      return true;
    }

    @Override
    public void opened() {
      areas++;
    }

    @Override
    public void closed(AddressSpace mm) {
      areas--;
      unlockIfGone();
    }
  }
}
