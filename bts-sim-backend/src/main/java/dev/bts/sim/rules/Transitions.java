package dev.bts.sim.rules;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The transition function of rules within bounds: from a world and an operation to the next world
 * and the invariants that the step has broken. It depends on nothing else. One object for each
 * thread, because it keeps scratch objects.
 */
public final class Transitions {
  /** The operation is not possible in this world, or changes nothing. The world is as it was. */
  public static final int DISABLED = -1;

  /** A counter has left the range that is looked at. The world is to be thrown away. */
  public static final int OUT_OF_RANGE = -2;

  private static final int NOBODY = -1;

  private final Rules rules;
  private final Shape shape;
  private final AccountTable table;
  private final Charges charges;
  private final Endings endings;
  private final Tracing tracing;
  private final Tasks tasks;
  private final Invariants invariants;
  private final int[] operations;

  /** Makes the transition function. */
  public Transitions(Rules rules, Bounds bounds) {
    this.rules = rules;
    shape = new Shape(bounds);
    table = new AccountTable(shape);
    charges = new Charges(rules, table, new WorldView(table, new World(shape)));
    endings = new Endings(rules);
    tracing = new Tracing(rules, endings);
    tasks = new Tasks(rules, endings, tracing);
    invariants = new Invariants(rules, table, shape);
    operations =
        Event.operations(rules, bounds.events()).stream()
            .flatMapToInt(kind -> IntStream.of(Operation.all(kind, bounds)))
            .toArray();
  }

  /** Returns the machine at its beginning. */
  public World initial() {
    return World.initial(shape);
  }

  /** Returns a world to copy into. */
  public World scratch() {
    return new World(shape);
  }

  /** Returns all operations that the rules know, in the order in which they are tried. */
  public int[] operations() {
    return Arrays.copyOf(operations, operations.length);
  }

  Shape shape() {
    return shape;
  }

  AccountTable table() {
    return table;
  }

  /**
   * Carries an operation out.
   *
   * @param world becomes the next one
   * @return the {@link Invariant}s that do not hold, as bits, or {@link #DISABLED}, or {@link
   *     #OUT_OF_RANGE}
   */
  public int step(World world, int operation) {
    world.broken = 0;
    if (!apply(world, operation)) {
      return DISABLED;
    }
    if (!world.isWithinRange()) {
      return OUT_OF_RANGE;
    }
    return world.broken | invariants.broken(world);
  }

  private boolean apply(World world, int operation) {
    OperationKind kind = Operation.kind(operation);
    int first = Operation.argument(operation, 0);
    int second = Operation.argument(operation, 1);
    switch (kind) {
      case LOWER_GIFT -> {
        boolean lowered = world.giftLowered();
        world.lowerGift();
        return !lowered;
      }
      case CPU_OFFLINE, CPU_ONLINE -> {
        return endings.setCpuOffline(world, kind == OperationKind.CPU_OFFLINE);
      }
      case REMOVE_GROUP -> {
        return endings.removeGroup(world, first);
      }
      case MAKE_GROUP -> {
        return makeGroup(world, first);
      }
      case WORK, WORK_FAILS -> {
        return work(world, first, kind == OperationKind.WORK_FAILS);
      }
      case KILL, LOWER_LIMIT -> {
        if (!world.isLive(first)) {
          return false;
        }
        return kind == OperationKind.KILL ? tasks.kill(world, first) : lowerLimit(world, first);
      }
      case FINISH -> {
        return world.isUnended(first) && tasks.finish(world, first);
      }
      default -> {
        if (!world.isLive(first) || Tasks.isBusy(world, first)) {
          return false;
        }
      }
    }
    return switch (kind) {
      case EXIT -> {
        tasks.exit(world, first);
        yield true;
      }
      case BEGIN_EXIT -> tasks.beginExit(world, first);
      case EXEC, BEGIN_EXEC -> tasks.exec(world, first, kind == OperationKind.BEGIN_EXEC);
      case TRACEME -> tracing.traceMe(world, first);
      case ATTACH,
          DETACH,
          REAP,
          SIGNAL,
          ALLOCATE,
          ALLOCATE_FAILS,
          RESERVE,
          FORK,
          FORK_TRACED,
          CLONE,
          CLONE_VM,
          HAND_OVER ->
          first != second && onTask(world, kind, operation, first, second);
      case SET_USER, ENTER_NAMESPACE, MOVE -> become(world, kind, first, second);
      case LOCK_PAGE, UNLOCK_PAGE ->
          charges.lockPage(world, first, kind == OperationKind.LOCK_PAGE);
      case OPEN, OPEN_FAILS, OPEN_SECOND -> open(world, kind, first, second + 1);
      default -> onBuffer(world, kind, operation, first, second);
    };
  }

  private boolean onTask(World world, OperationKind kind, int operation, int task, int on) {
    int third = Operation.argument(operation, 2);
    return switch (kind) {
      case ATTACH -> tracing.attach(world, task, on);
      case DETACH -> tracing.detach(world, task, on);
      case REAP -> tasks.reap(world, task, on);
      case SIGNAL -> signal(world, task, on);
      case FORK, FORK_TRACED, CLONE, CLONE_VM -> tasks.fork(world, task, on, kind);
      case HAND_OVER -> tracing.handOver(world, task, on, third);
      default -> allocate(world, task, on, third + 1, kind == OperationKind.ALLOCATE_FAILS);
    };
  }

  private boolean allocate(World world, int task, int on, int pages, boolean fails) {
    if (!world.isLive(on) || world.tracerOf(on) != task) {
      return false;
    }
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if (rules.family() == Family.KERNEL_TRACE && world.isHolder(buffer, on)) {
        return false; // ptrace had one buffer for each task, which had to be freed first.
      }
    }
    return charges.request(world, task, on, pages, 0, 1 << on, fails);
  }

  private boolean signal(World world, int task, int on) {
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if (world.isHolder(buffer, on)
          && world.tracerOf(on) == task
          && world.buffer(buffer, Shape.INACTIVE) == 0) {
        world.buffer(buffer, Shape.INACTIVE, 1);
        return true;
      }
    }
    return false;
  }

  private boolean become(World world, OperationKind kind, int task, int value) {
    int user = world.task(task, Shape.USER);
    return switch (kind) {
      case MOVE -> world.isGroupThere(value) && Tasks.setAll(world, task, Shape.GROUP, value);
      case SET_USER -> user < shape.bounds.users() && Tasks.setAll(world, task, Shape.USER, value);
      default ->
          user < shape.bounds.namespaces()
              && Tasks.setAll(world, task, Shape.USER, shape.bounds.users() + user);
    };
  }

  private boolean makeGroup(World world, int group) {
    if (world.isGroupThere(group) || world.counter(shape.accountOfGroup(group)) != 0) {
      return false;
    }
    world.makeGroup(group);
    return true;
  }

  private boolean lowerLimit(World world, int task) {
    boolean lost = rules.prlimit == Prlimit.LOST_IN_EXEC && world.task(task, Shape.EXECUTING) != 0;
    int lowered = world.task(task, Shape.LOWERED);
    return lowered != Shape.LOWERED_LIMIT
        && Tasks.setAll(world, task, Shape.LOWERED, lost ? Shape.LOST_LIMIT : Shape.LOWERED_LIMIT);
  }

  private boolean open(World world, OperationKind kind, int task, int pages) {
    int holders = world.threadsOf(task);
    boolean second = kind == OperationKind.OPEN_SECOND;
    boolean hasFirst = !second || rules.secondCharge == rules.charge;
    boolean allowed = !second || !hasFirst || hasFirstBuffer(world, task);
    return allowed
        && charges.request(
            world, task, task, pages, second ? 1 : 0, holders, kind == OperationKind.OPEN_FAILS);
  }

  /** The second buffer of a file needs its first. */
  private boolean hasFirstBuffer(World world, int task) {
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE
          && world.buffer(buffer, Shape.KIND) == 0
          && world.isHolder(buffer, task)) {
        return true;
      }
    }
    return false;
  }

  private boolean work(World world, int buffer, boolean fails) {
    if (world.phase(buffer) != Shape.DYING) {
      return false;
    }
    if (!fails) {
      endings.end(world, buffer, Ending.WORK, NOBODY, NOBODY, NOBODY, NOBODY);
      return true;
    }
    if (rules.on(Ending.WORK).refund() != Refund.PAYER_IF_MEMORY) {
      return false;
    }
    world.clearBuffer(buffer);
    return true;
  }

  private boolean onBuffer(World world, OperationKind kind, int operation, int task, int buffer) {
    int third = Operation.argument(operation, 2);
    int mm = world.mmOf(task);
    int phase = world.phase(buffer);
    boolean inUse = phase == Shape.IN_USE;
    return switch (kind) {
      case COMMIT -> mayCommit(world, task, buffer) && charges.commit(world, task, buffer);
      case CANCEL -> {
        boolean cancels = phase == Shape.RESERVED && world.ownerOf(buffer) == task;
        if (cancels) {
          world.clearBuffer(buffer);
        }
        yield cancels;
      }
      case FREE -> inUse && free(world, task, buffer);
      case RECLAIM -> tracing.reclaim(world, task, buffer);
      case RELOCK -> charges.lockAgain(world, task, buffer);
      case SHARE -> {
        boolean shares =
            inUse
                && world.isHolder(buffer, task)
                && world.isLive(third)
                && !world.isHolder(buffer, third)
                && rules.sharing == Sharing.ANYONE;
        int holders = world.buffer(buffer, Shape.HOLDERS);
        if (shares) {
          world.buffer(buffer, Shape.HOLDERS, holders | world.threadsOf(third));
        }
        yield shares;
      }
      case MAP -> {
        boolean maps =
            inUse
                && world.isHolder(buffer, task)
                && !world.isMapped(buffer, mm)
                && rules.sharing == Sharing.ANYONE;
        if (maps) {
          world.buffer(buffer, Shape.MAPPINGS, world.buffer(buffer, Shape.MAPPINGS) | 1 << mm);
        }
        yield maps;
      }
      case UNMAP -> inUse && world.isMapped(buffer, mm) && unmap(world, task, buffer);
      case SPLIT -> {
        boolean splits =
            inUse
                && world.isMapped(buffer, mm)
                && rules.split == Split.COUNTED
                && world.buffer(buffer, Shape.STRAY) == 0;
        if (splits) {
          world.buffer(buffer, Shape.STRAY, 1);
        }
        yield splits;
      }
      case CLOSE -> {
        boolean closes = inUse && world.isHolder(buffer, task);
        if (closes) {
          endings.close(world, buffer, world.threadsOf(task), task, mm);
        }
        yield closes;
      }
      default -> throw new IllegalArgumentException(kind.toString());
    };
  }

  private boolean mayCommit(World world, int task, int buffer) {
    if (rules.family() == Family.DESCRIPTOR) {
      return true;
    }
    for (int on = 0; on < shape.tasks; on++) {
      if (world.isHolder(buffer, on) && world.isLive(on) && world.tracerOf(on) == task) {
        return true;
      }
    }
    return false;
  }

  private boolean free(World world, int task, int buffer) {
    if (rules.family() == Family.SESSION && world.ownerOf(buffer) != task) {
      return false;
    }
    for (int on = 0; on < shape.tasks; on++) {
      if (world.isHolder(buffer, on) && world.tracerOf(on) == task) {
        int mm = world.mmOf(task);
        endings.end(world, buffer, Ending.RESIZE, on, task, mm, NOBODY);
        return true;
      }
    }
    return false;
  }

  private boolean unmap(World world, int task, int buffer) {
    if (rules.release == Release.FIND_THEN_FREE) {
      world.task(task, Shape.PENDING, buffer + 1);
    } else {
      endings.unmap(world, buffer, world.mmOf(task), task);
    }
    return true;
  }
}
