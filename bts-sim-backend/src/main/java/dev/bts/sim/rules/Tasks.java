package dev.bts.sim.rules;

/** How tasks live and end, and what that does to the buffers they have to do with. */
final class Tasks {
  private static final int NOBODY = -1;

  private final Rules rules;
  private final Endings endings;
  private final Tracing tracing;

  Tasks(Rules rules, Endings endings, Tracing tracing) {
    this.rules = rules;
    this.endings = endings;
    this.tracing = tracing;
  }

  /** The second step of an exec, an exit or a release. */
  boolean finish(World world, int task) {
    if (world.task(task, Shape.EXECUTING) != 0) {
      return replaceMm(world, task);
    }
    if (world.task(task, Shape.STATE) == Shape.EXITING) {
      leave(world, task);
      return true;
    }
    return tracing.finishRelease(world, task);
  }

  /** Returns whether a task is between two steps. */
  static boolean isBusy(World world, int task) {
    return world.task(task, Shape.PENDING) != 0 || world.task(task, Shape.EXECUTING) != 0;
  }

  private static boolean isAnyBusy(World world, int tasks) {
    for (int task = 0; task < world.shape.tasks; task++) {
      if ((tasks >> task & 1) != 0 && isBusy(world, task)) {
        return true;
      }
    }
    return false;
  }

  /** One thread exits. Its address space is left first, and its files and ptrace relations then. */
  void exit(World world, int task) {
    leaveMms(world, 1 << task);
    leave(world, task);
  }

  /** One thread exits, as far as its address space. What it had not committed yet is cancelled. */
  boolean beginExit(World world, int task) {
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.RESERVED && world.ownerOf(buffer) == task) {
        world.clearBuffer(buffer);
      }
    }
    leaveMms(world, 1 << task);
    world.task(task, Shape.STATE, Shape.EXITING);
    return true;
  }

  /** All threads end at once. */
  boolean kill(World world, int task) {
    int tasks = world.threadsOf(task);
    if (isAnyBusy(world, tasks)) {
      return false;
    }
    leaveMms(world, tasks);
    for (int each = 0; each < world.shape.tasks; each++) {
      if ((tasks >> each & 1) != 0) {
        leave(world, each);
      }
    }
    return true;
  }

  /** Tasks leave the address space that they have in common, which ends if they were the last. */
  private void leaveMms(World world, int tasks) {
    int first = Integer.numberOfTrailingZeros(tasks);
    int mm = world.mmOf(first);
    for (int rest = tasks; rest != 0; rest &= rest - 1) {
      leaveMm(world, Integer.numberOfTrailingZeros(rest));
    }
    if (world.userOfMm(mm) < 0) {
      endings.tearDown(world, mm, first, NOBODY);
    }
  }

  /** A task leaves its address space and its process; its children are another thread's. */
  private static void leaveMm(World world, int task) {
    int others = world.threadsOf(task) & ~(1 << task);
    int heir = others == 0 ? 0 : Integer.numberOfTrailingZeros(others) + 1;
    for (int other = 0; other < world.shape.tasks; other++) {
      if (world.parentOf(other) == task) {
        world.task(other, Shape.PARENT, heir);
      }
      world.task(other, Shape.THREADS, world.task(other, Shape.THREADS) & ~(1 << task));
    }
    world.task(task, Shape.THREADS, 0);
    world.task(task, Shape.PARENT, 0);
    world.task(task, Shape.LOWERED, 0);
    world.task(task, Shape.MM, 0);
  }

  private void leave(World world, int task) {
    if (rules.family() == Family.DESCRIPTOR) {
      for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
        if (world.isHolder(buffer, task)) {
          endings.close(world, buffer, 1 << task, task, NOBODY);
        }
      }
    }
    disown(world, task);
    for (int on = 0; on < world.shape.tasks; on++) {
      if (world.tracerOf(on) == task) {
        leaveTracee(world, task, on);
      }
    }
    if (rules.family() != Family.DESCRIPTOR) {
      for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
        if (world.isHolder(buffer, task)) {
          endings.end(world, buffer, Ending.TRACEE_EXIT, task, task, NOBODY, NOBODY);
        }
      }
    }
    if (world.tracerOf(task) >= 0) {
      world.task(task, Shape.STATE, Shape.ZOMBIE);
    } else {
      bury(world, task, NOBODY);
    }
  }

  /** What a task has made is no longer its own. */
  private void disown(World world, int task) {
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.ownerOf(buffer) == task) {
        if (rules.family() == Family.SESSION || world.phase(buffer) == Shape.RESERVED) {
          endings.end(world, buffer, Ending.TRACER_EXIT, NOBODY, task, NOBODY, NOBODY);
        }
        if (world.shape.sharesMemory
            && rules.family() == Family.SESSION
            && world.phase(buffer) == Shape.IN_USE) {
          endings.strand(world, buffer);
        }
        world.buffer(buffer, Shape.OWNER, 0);
      }
    }
  }

  private void leaveTracee(World world, int task, int on) {
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (rules.family() == Family.KERNEL_TRACE && world.isHolder(buffer, on)) {
        endings.end(world, buffer, Ending.TRACER_EXIT, on, task, NOBODY, NOBODY);
      }
    }
    world.task(on, Shape.TRACER, 0);
    if (world.task(on, Shape.STATE) == Shape.ZOMBIE) {
      bury(world, on, NOBODY);
    }
  }

  /** A zombie goes, with its pointers. */
  private void bury(World world, int task, int reaper) {
    if (rules.family() != Family.DESCRIPTOR) {
      for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
        if (world.isHolder(buffer, task)) {
          if (!tracing.isAnothers(world, buffer, world.tracerOf(task))) {
            endings.end(world, buffer, Ending.REAP, task, reaper, NOBODY, NOBODY);
          }
          world.buffer(buffer, Shape.HOLDERS, world.buffer(buffer, Shape.HOLDERS) & ~(1 << task));
        }
      }
    }
    world.clearTask(task);
  }

  boolean reap(World world, int task, int on) {
    int tracer = world.tracerOf(on);
    if (world.task(on, Shape.STATE) != Shape.ZOMBIE
        || tracer < 0
        || !world.areThreads(task, tracer)) {
      return false;
    }
    bury(world, on, task);
    return true;
  }

  /**
   * A task executes a program; its other threads end first.
   *
   * @param begins the address space is replaced in a step of its own
   */
  boolean exec(World world, int task, boolean begins) {
    int threads = world.threadsOf(task) & ~(1 << task);
    if (world.freeMm() < 0 || isAnyBusy(world, threads)) {
      return false;
    }
    for (int thread = 0; thread < world.shape.tasks; thread++) {
      if ((threads >> thread & 1) != 0) {
        leaveMm(world, thread);
        leave(world, thread);
      }
    }
    if (begins) {
      world.task(task, Shape.EXECUTING, 1);
      return true;
    }
    return replaceMm(world, task);
  }

  private boolean replaceMm(World world, int task) {
    int old = world.mmOf(task);
    int mm = world.freeMm();
    if (mm < 0) {
      return false;
    }
    world.task(task, Shape.EXECUTING, 0);
    world.task(task, Shape.MM, mm + 1);
    if (world.userOfMm(old) < 0) {
      endings.tearDown(world, old, task, mm);
    }
    if (rules.family() == Family.SESSION) {
      // The tracing program is gone, and its books with it.
      disown(world, task);
      for (int on = 0; on < world.shape.tasks; on++) {
        if (world.tracerOf(on) == task) {
          leaveTracee(world, task, on);
        }
      }
    }
    return true;
  }

  /**
   * A task starts another one.
   *
   * @param kind what the two share, and whether a tracer follows
   */
  boolean fork(World world, int task, int child, OperationKind kind) {
    boolean thread = kind == OperationKind.CLONE;
    boolean traced = kind == OperationKind.FORK_TRACED;
    for (int lower = 0; lower <= child; lower++) {
      if ((world.task(lower, Shape.STATE) == Shape.ABSENT) != (lower == child)) {
        return false; // Slots are filled in order: it makes no difference which one it is.
      }
    }
    boolean sharesMm = thread || kind == OperationKind.CLONE_VM;
    int mm = sharesMm ? world.mmOf(task) : world.freeMm();
    if (mm < 0 || (traced && world.tracerOf(task) < 0)) {
      return false;
    }
    world.task(child, Shape.STATE, Shape.LIVE);
    world.task(child, Shape.MM, mm + 1);
    world.task(child, Shape.USER, world.task(task, Shape.USER));
    world.task(child, Shape.GROUP, world.task(task, Shape.GROUP));
    world.task(child, Shape.CAPABLE, world.task(task, Shape.CAPABLE));
    world.task(child, Shape.TRACER, traced ? world.task(task, Shape.TRACER) : 0);
    world.task(child, Shape.LOWERED, world.task(task, Shape.LOWERED));
    if (world.shape.sharesMemory) {
      int threads = (thread ? world.threadsOf(task) : 0) | 1 << child;
      for (int rest = threads; rest != 0; rest &= rest - 1) {
        world.task(Integer.numberOfTrailingZeros(rest), Shape.THREADS, threads);
      }
    }
    if (world.shape.bounds.has(Event.TRACEME)) {
      world.task(child, Shape.PARENT, thread ? world.task(task, Shape.PARENT) : task + 1);
    }
    boolean pointer =
        rules.family() == Family.DESCRIPTOR
            || rules.inheritance == Inheritance.POINTER
            || (rules.inheritance == Inheritance.POINTER_UNLESS_TRACED && !traced);
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (pointer && world.isHolder(buffer, task)) {
        world.buffer(buffer, Shape.HOLDERS, world.buffer(buffer, Shape.HOLDERS) | 1 << child);
      }
      if (rules.inheritance == Inheritance.MAPPING && world.isMapped(buffer, world.mmOf(task))) {
        world.buffer(buffer, Shape.MAPPINGS, world.buffer(buffer, Shape.MAPPINGS) | 1 << mm);
      }
    }
    return true;
  }

  /** Sets a field of all threads of a process; returns whether that changes it. */
  static boolean setAll(World world, int task, int field, int value) {
    if (world.task(task, field) == value) {
      return false;
    }
    int threads = world.threadsOf(task);
    for (int each = 0; each < world.shape.tasks; each++) {
      if ((threads >> each & 1) != 0) {
        world.task(each, field, value);
      }
    }
    return true;
  }
}
