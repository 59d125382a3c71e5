package dev.bts.sim.rules;

/** How tasks live and end, and what that does to the buffers they have to do with. */
final class Tasks {
  private static final int NOBODY = -1;

  private final Rules rules;
  private final Endings endings;

  Tasks(Rules rules, Endings endings) {
    this.rules = rules;
    this.endings = endings;
  }

  private static boolean mayTrace(World world, int task, int on) {
    return world.task(task, Shape.USER) == world.task(on, Shape.USER)
        || world.task(task, Shape.CAPABLE) != 0;
  }

  boolean attach(World world, int task, int on) {
    if (!world.isLive(on)
        || world.mmOf(task) == world.mmOf(on)
        || world.tracerOf(on) >= 0
        || !mayTrace(world, task, on)) {
      return false;
    }
    world.task(on, Shape.TRACER, task + 1);
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE
          && world.isHolder(buffer, on)
          && world.ownerOf(buffer) < 0) {
        world.buffer(buffer, Shape.OWNER, task + 1);
      }
    }
    return true;
  }

  boolean detach(World world, int task, int on) {
    if (!world.isLive(on) || world.tracerOf(on) != task) {
      return false;
    }
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.isHolder(buffer, on)) {
        if (rules.release == Release.FIND_THEN_FREE && world.phase(buffer) == Shape.IN_USE) {
          world.task(task, Shape.PENDING, buffer + 1);
          return true;
        }
        endings.end(world, buffer, Ending.DETACH, on, task, NOBODY, NOBODY);
      }
    }
    world.task(on, Shape.TRACER, 0);
    return true;
  }

  /** The second step of a release whose first step has found a buffer. */
  boolean finish(World world, int task) {
    int buffer = world.task(task, Shape.PENDING) - 1;
    if (buffer < 0) {
      return false;
    }
    world.task(task, Shape.PENDING, 0);
    if (rules.family() == Family.DESCRIPTOR) {
      int mm = world.mmOf(task);
      if (world.phase(buffer) == Shape.DANGLING) {
        endings.end(world, buffer, Ending.UNMAP, NOBODY, task, mm, NOBODY);
      } else {
        endings.unmap(world, buffer, mm, task);
      }
      return true;
    }
    int holder = NOBODY;
    for (int on = 0; on < world.shape.tasks; on++) {
      if (world.isHolder(buffer, on) && world.tracerOf(on) == task) {
        holder = on;
      }
    }
    endings.end(world, buffer, Ending.DETACH, holder, task, NOBODY, NOBODY);
    if (holder >= 0) {
      world.task(holder, Shape.TRACER, 0);
    }
    return true;
  }

  /** Returns whether a task is between two steps. */
  static boolean isBusy(World world, int task) {
    return world.task(task, Shape.PENDING) != 0;
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
    int mm = world.mmOf(task);
    world.task(task, Shape.MM, 0);
    if (world.userOfMm(mm) < 0) {
      endings.tearDown(world, mm, task, NOBODY);
    }
    leave(world, task);
  }

  /** All threads end at once. */
  boolean kill(World world, int task) {
    int mm = world.mmOf(task);
    int tasks = world.tasksOfMm(mm);
    if (isAnyBusy(world, tasks)) {
      return false;
    }
    for (int each = 0; each < world.shape.tasks; each++) {
      if ((tasks >> each & 1) != 0) {
        world.task(each, Shape.MM, 0);
      }
    }
    endings.tearDown(world, mm, task, NOBODY);
    for (int each = 0; each < world.shape.tasks; each++) {
      if ((tasks >> each & 1) != 0) {
        leave(world, each);
      }
    }
    return true;
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
          endings.end(world, buffer, Ending.REAP, task, reaper, NOBODY, NOBODY);
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
        || world.mmOf(tracer) != world.mmOf(task)) {
      return false;
    }
    bury(world, on, task);
    return true;
  }

  boolean exec(World world, int task) {
    int old = world.mmOf(task);
    int mm = world.freeMm();
    int threads = world.tasksOfMm(old) & ~(1 << task);
    if (mm < 0 || isAnyBusy(world, threads)) {
      return false;
    }
    for (int thread = 0; thread < world.shape.tasks; thread++) {
      if ((threads >> thread & 1) != 0) {
        world.task(thread, Shape.MM, 0);
        leave(world, thread);
      }
    }
    world.task(task, Shape.MM, mm + 1);
    int lowered = world.mm(old, Shape.LOWERED);
    endings.tearDown(world, old, task, mm);
    world.mm(mm, Shape.LOWERED, lowered);
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
   * @param thread it shares the address space
   * @param traced the tracer follows
   */
  boolean fork(World world, int task, int child, boolean thread, boolean traced) {
    for (int lower = 0; lower <= child; lower++) {
      if ((world.task(lower, Shape.STATE) == Shape.ABSENT) != (lower == child)) {
        return false; // Slots are filled in order: it makes no difference which one it is.
      }
    }
    int mm = thread ? world.mmOf(task) : world.freeMm();
    if (mm < 0 || (traced && world.tracerOf(task) < 0)) {
      return false;
    }
    world.task(child, Shape.STATE, Shape.LIVE);
    world.task(child, Shape.MM, mm + 1);
    world.task(child, Shape.USER, world.task(task, Shape.USER));
    world.task(child, Shape.GROUP, world.task(task, Shape.GROUP));
    world.task(child, Shape.CAPABLE, world.task(task, Shape.CAPABLE));
    world.task(child, Shape.TRACER, traced ? world.task(task, Shape.TRACER) : 0);
    world.mm(mm, Shape.LOWERED, world.mm(world.mmOf(task), Shape.LOWERED));
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
    int mm = world.mmOf(task);
    for (int each = 0; each < world.shape.tasks; each++) {
      if (world.task(each, Shape.MM) == mm + 1) {
        world.task(each, field, value);
      }
    }
    return true;
  }

  /** A tracer gives a tracee away, with the buffers that lie there. */
  boolean handOver(World world, int task, int on, int to) {
    if (world.tracerOf(on) != task
        || !world.isLive(on)
        || !world.isLive(to)
        || isBusy(world, to)
        || world.mmOf(to) == world.mmOf(task)
        || world.mmOf(to) == world.mmOf(on)
        || !mayTrace(world, to, on)) {
      return false;
    }
    boolean any = false;
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) != Shape.NONE && world.isHolder(buffer, on)) {
        if (world.phase(buffer) != Shape.IN_USE || !world.isMapped(buffer, world.mmOf(on))) {
          return false;
        }
        any = true;
      }
    }
    if (!any) {
      return false;
    }
    world.task(on, Shape.TRACER, to + 1);
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE && world.isHolder(buffer, on)) {
        world.buffer(buffer, Shape.OWNER, to + 1);
      }
    }
    return true;
  }

  /** Frees a buffer that a dead tracer has left in a process that the task may trace. */
  boolean reclaim(World world, int task, int buffer) {
    if (rules.orphans != Orphans.FOUND
        || world.phase(buffer) != Shape.IN_USE
        || world.ownerOf(buffer) >= 0) {
      return false;
    }
    for (int on = 0; on < world.shape.tasks; on++) {
      if (world.isHolder(buffer, on) && world.isLive(on) && mayTrace(world, task, on)) {
        endings.end(world, buffer, Ending.RESIZE, on, task, NOBODY, NOBODY);
        return true;
      }
    }
    return false;
  }
}
