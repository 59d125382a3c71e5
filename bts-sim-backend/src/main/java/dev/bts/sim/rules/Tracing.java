package dev.bts.sim.rules;

/** Who traces whom, and what of the buffers goes with that. */
final class Tracing {
  private static final int NOBODY = -1;

  private final Rules rules;
  private final Endings endings;

  Tracing(Rules rules, Endings endings) {
    this.rules = rules;
    this.endings = endings;
  }

  private static boolean mayTrace(World world, int task, int on) {
    return world.task(task, Shape.USER) == world.task(on, Shape.USER)
        || world.task(task, Shape.CAPABLE) != 0;
  }

  boolean attach(World world, int task, int on) {
    if (!world.isLive(on)
        || world.areThreads(task, on)
        || world.tracerOf(on) >= 0
        || world.task(on, Shape.EXECUTING) != 0 // It waits for the exec (cred_guard_mutex).
        || !mayTrace(world, task, on)) {
      return false;
    }
    link(world, task, on);
    return true;
  }

  /** A task is to be traced by its parent, who may be another user by now, but no less capable. */
  boolean traceMe(World world, int task) {
    int parent = world.parentOf(task);
    if (parent < 0
        || !world.isLive(parent)
        || world.tracerOf(task) >= 0
        || world.task(task, Shape.CAPABLE) > world.task(parent, Shape.CAPABLE)) {
      return false;
    }
    link(world, parent, task);
    return true;
  }

  /** A session begins, and takes over what a dead tracer has left. */
  private static void link(World world, int task, int on) {
    world.task(on, Shape.TRACER, task + 1);
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE
          && world.isHolder(buffer, on)
          && world.ownerOf(buffer) < 0) {
        world.buffer(buffer, Shape.OWNER, task + 1);
      }
    }
  }

  boolean detach(World world, int task, int on) {
    if (!world.isLive(on) || world.tracerOf(on) != task) {
      return false;
    }
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.isHolder(buffer, on) && !isAnothers(world, buffer, task)) {
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

  /** Returns whether a buffer is of the session of another tracer than this one. */
  boolean isAnothers(World world, int buffer, int tracer) {
    int owner = world.ownerOf(buffer);
    return rules.family() == Family.SESSION && owner >= 0 && owner != tracer;
  }

  /** The second step of a release whose first step has found a buffer. */
  boolean finishRelease(World world, int task) {
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

  /** A tracer gives a tracee away, with the buffers that lie there. */
  boolean handOver(World world, int task, int on, int to) {
    if (world.tracerOf(on) != task
        || !world.isLive(on)
        || !world.isLive(to)
        || Tasks.isBusy(world, to)
        || world.mmOf(to) == world.mmOf(task)
        || world.mmOf(to) == world.mmOf(on)
        || !mayTrace(world, to, on)) {
      return false;
    }
    boolean any = false;
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) != Shape.NONE && world.isHolder(buffer, on)) {
        if (world.phase(buffer) != Shape.IN_USE
            || !world.isMapped(buffer, world.mmOf(on))
            || isAnothers(world, buffer, task)) {
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
