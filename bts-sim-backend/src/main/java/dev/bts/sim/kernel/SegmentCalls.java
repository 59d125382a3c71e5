package dev.bts.sim.kernel;

import dev.bts.sim.kernel.SharedSegment.Attachment;

/** The system calls about System V segments (6.18 ipc/shm.c), guarded by the machine's lock. */
public final class SegmentCalls {
  private final Machine machine;

  /** Makes calls on a machine. */
  public SegmentCalls(Machine machine) {
    this.machine = machine;
  }

  /** shmget(2) of a new segment that its maker alone may use. */
  public SharedSegment get(Task task, long pages) {
    synchronized (machine) {
      return new SharedSegment(pages, task.credentials().effectiveUid());
    }
  }

  /** shmat(2) at an address. */
  public void attach(Task task, SharedSegment segment, long page) throws SystemCallException {
    synchronized (machine) {
      checkThere(segment, "shmat");
      if (!owns(task, segment)) {
        throw new SystemCallException(Errno.EACCES, "shmat");
      }
      AreaMap areas = task.mm().areas();
      if (!areas.isFree(page, segment.pages())) {
        throw new SystemCallException(Errno.EINVAL, "shmat");
      }
      areas.checkFuture(false, segment.pages(), task, "shmat");
      areas.add(page, segment.pages(), false, segment.attach());
    }
  }

  /**
   * shmdt(2): the first attachment at an address is unmapped, of what it was split into the parts
   * that end within the segment; one that mremap(2) has grown beyond it stays.
   */
  public void detach(Task task, long page, long rangePages) throws SystemCallException {
    synchronized (machine) {
      AreaMap areas = task.mm().areas();
      Attachment found = null;
      for (Area area : areas.overlapping(page, page + rangePages)) {
        if (!(area.backing() instanceof Attachment attachment)) {
          continue;
        }
        if (found == null) {
          found = attachment;
          areas.remove(area);
        } else if (attachment == found && area.end() - page <= found.segment().pages()) {
          areas.remove(area);
        }
      }
      if (found == null) {
        throw new SystemCallException(Errno.EINVAL, "shmdt");
      }
    }
  }

  /** shmctl(2) with SHM_LOCK. */
  public void lock(Task task, SharedSegment segment) throws SystemCallException {
    synchronized (machine) {
      checkThere(segment, "shmctl(SHM_LOCK)");
      boolean capable = task.credentials().has(Capability.CAP_IPC_LOCK);
      if (!capable && !owns(task, segment)) {
        throw new SystemCallException(Errno.EPERM, "shmctl(SHM_LOCK)");
      }
      if (!capable && task.group().limits().memlockBytes() == 0) {
        throw new SystemCallException(Errno.EPERM, "shmctl(SHM_LOCK)");
      }
      if (!segment.locked()) {
        segment.lock(
            machine
                .memory()
                .user(task.credentials().principal())
                .lockSegment(segment.pages(), task.credentials(), task.group().limits()));
      }
    }
  }

  /** shmctl(2) with SHM_UNLOCK: who locked it is refunded. */
  public void unlock(Task task, SharedSegment segment) throws SystemCallException {
    synchronized (machine) {
      checkThere(segment, "shmctl(SHM_UNLOCK)");
      if (!owns(task, segment) && !task.credentials().has(Capability.CAP_IPC_LOCK)) {
        throw new SystemCallException(Errno.EPERM, "shmctl(SHM_UNLOCK)");
      }
      segment.unlock();
    }
  }

  /** shmctl(2) with IPC_RMID. */
  public void remove(Task task, SharedSegment segment) throws SystemCallException {
    synchronized (machine) {
      checkThere(segment, "shmctl(IPC_RMID)");
      if (!owns(task, segment)) {
        throw new SystemCallException(Errno.EPERM, "shmctl(IPC_RMID)");
      }
      segment.remove();
    }
  }

  private static boolean owns(Task task, SharedSegment segment) {
    return task.credentials().effectiveUid() == segment.creatorUid();
  }

  private static void checkThere(SharedSegment segment, String call) throws SystemCallException {
    if (segment.gone()) {
      throw new SystemCallException(Errno.EINVAL, call);
    }
  }
}
