package dev.bts.sim.kernel;

/**
 * The system calls about memory and descriptors that tasks make with addresses and numbers, as
 * programs do. Refusals are the kernel's, in its order of checks.
 *
 * <p>Pages are numbered; a page number stands for an address. Guarded by the machine's lock.
 */
public final class MemoryCalls {
  private final Machine machine;

  /** Makes calls on a machine. */
  public MemoryCalls(Machine machine) {
    this.machine = machine;
  }

  /** mmap(2), private and anonymous, with MAP_FIXED_NOREPLACE. */
  public void map(Task task, long page, long pages, boolean locked) throws SystemCallException {
    synchronized (machine) {
      task.mm().areas().map(page, pages, locked, task);
    }
  }

  /** munmap(2). */
  public void unmap(Task task, long page, long pages) throws SystemCallException {
    synchronized (machine) {
      task.mm().areas().unmap(page, pages);
    }
  }

  /** mremap(2), in place, of the last mapped page of a range. */
  public void grow(Task task, long page, long rangePages, long more) throws SystemCallException {
    synchronized (machine) {
      task.mm().areas().grow(lastPage(task, page, rangePages), more, task);
    }
  }

  /** Returns the last page of a range that is mapped, the first page if none is. */
  public long lastPage(Task task, long page, long rangePages) {
    synchronized (machine) {
      long last = page;
      for (Area area : task.mm().areas().overlapping(page, page + rangePages)) {
        last = area.end() - 1;
      }
      return last;
    }
  }

  /** mlock2(2). */
  public void lock(Task task, long page, long pages, boolean onFault) throws SystemCallException {
    synchronized (machine) {
      task.mm().areas().lock(page, pages, onFault, task);
    }
  }

  /** munlock(2). */
  public void unlock(Task task, long page, long pages) throws SystemCallException {
    synchronized (machine) {
      task.mm().areas().unlock(page, pages);
    }
  }

  /** mlockall(2). */
  public void lockAll(Task task, boolean current, boolean future, boolean onFault)
      throws SystemCallException {
    synchronized (machine) {
      task.mm().areas().lockAll(current, future, onFault, task);
    }
  }

  /** munlockall(2). */
  public void unlockAll(Task task) {
    synchronized (machine) {
      task.mm().areas().unlockAll();
    }
  }

  // ---- descriptors ----

  /** perf_event_open(2), and dup2(2) to a number. */
  public void openEvent(Task task, int descriptor, boolean closeOnExec) {
    synchronized (machine) {
      task.files().put(descriptor, new PerfEvent(machine.memory()), closeOnExec);
    }
  }

  /** mmap(2) of an event's ring, shared, with MAP_FIXED_NOREPLACE. */
  public void mapRing(Task task, int descriptor, long page, long pages) throws SystemCallException {
    synchronized (machine) {
      OpenFile file = task.files().get(descriptor, "mmap");
      if (!(file instanceof PerfEvent event)) {
        // A ring of io_uring chooses its own address (io_uring_get_unmapped_area).
        throw new SystemCallException(Errno.EINVAL, "mmap");
      }
      AreaMap areas = task.mm().areas();
      if (!areas.isFree(page, pages)) {
        throw new SystemCallException(Errno.EEXIST, "mmap");
      }
      areas.checkFuture(false, pages, task, "mmap");
      event.map(task, pages);
      areas.add(page, pages, false, new MappedRing(event));
    }
  }

  /** Returns whether an event's ring is mapped somewhere. */
  public boolean isMapped(Task task, int descriptor) {
    synchronized (machine) {
      try {
        return task.files().get(descriptor, "mmap") instanceof PerfEvent event && event.mapped();
      } catch (SystemCallException notOpen) {
        return false;
      }
    }
  }

  /** io_uring_setup(2), and dup2(2) to a number. */
  public void setUpRing(Task task, int descriptor, long pages) throws SystemCallException {
    synchronized (machine) {
      task.files().put(descriptor, UringRing.setUp(machine.memory(), task, pages), true);
    }
  }

  /** dup2(2). */
  public void duplicate(Task task, int descriptor, int to) throws SystemCallException {
    synchronized (machine) {
      OpenFile file = task.files().get(descriptor, "dup2");
      if (descriptor != to) {
        task.files().put(to, file, false);
      }
    }
  }

  /** close(2). */
  public void close(Task task, int descriptor) throws SystemCallException {
    synchronized (machine) {
      task.files().close(descriptor);
    }
  }

  /** sendmsg(2) and recvmsg(2) with SCM_RIGHTS; rings of io_uring are not passed (since 6.7). */
  public void pass(Task task, int descriptor, Task receiver, int as) throws SystemCallException {
    synchronized (machine) {
      OpenFile file = task.files().get(descriptor, "sendmsg");
      if (file instanceof UringRing) {
        throw new SystemCallException(Errno.EINVAL, "sendmsg");
      }
      receiver.files().put(as, file, false);
    }
  }
}
