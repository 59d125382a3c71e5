package dev.bts.sim.rules;

/** How buffers end: what is freed, who is refunded, by the rules' {@link Handling}s. */
final class Endings {
  private static final int NOBODY = -1;

  private final Rules rules;

  Endings(Rules rules) {
    this.rules = rules;
  }

  /**
   * A buffer comes to one of its endings.
   *
   * @param holder the task whose pointer to the buffer is released, -1 if it is none's
   * @param current the task that runs, -1 for a worker
   * @param closer the address space that is left by the buffer, -1 if it is none
   * @param successor the address space that a charge may move on to, -1 if there is none
   */
  void end(
      World world, int buffer, Ending ending, int holder, int current, int closer, int successor) {
    Handling handling = rules.on(ending);
    int phase = world.phase(buffer);
    if (phase == Shape.RESERVED) {
      if (ending != Ending.TRACEE_EXIT) {
        world.clearBuffer(buffer);
      }
      return;
    }
    if (phase == Shape.NONE) {
      return;
    }
    if (phase == Shape.DANGLING) {
      if (handling.pages() != Pages.KEPT || handling.refund() != Refund.NOBODY) {
        world.broken |= Invariant.RECEIPTS.bit();
        refund(world, buffer, handling.refund(), current, closer);
      }
      drop(world, buffer, holder);
      return;
    }
    if (handling.pages() == Pages.DEFERRED) {
      world.buffer(buffer, Shape.PHASE, Shape.DYING);
      world.buffer(buffer, Shape.HOLDERS, 0);
      world.buffer(buffer, Shape.MAPPINGS, 0);
      world.buffer(buffer, Shape.OWNER, 0);
      return;
    }
    if (handling.pages() == Pages.FREED && isOutOfReach(world, buffer, holder, current)) {
      strand(world, buffer);
    } else if (handling.refund() == Refund.MOVE && successor >= 0) {
      move(world, buffer, closer, successor);
    } else if (handling.refund() == Refund.MOVE) {
      refund(world, buffer, Refund.PAYER, current, closer);
      free(world, buffer, holder);
    } else {
      release(world, buffer, handling, holder, current, closer);
    }
  }

  /**
   * Returns whether a session cannot unmap a buffer: it lies in an address space that lives on in a
   * process that is not traced. Tasks of one process have it in reach together.
   */
  private boolean isOutOfReach(World world, int buffer, int holder, int current) {
    if (!world.shape.sharesMemory || rules.family() != Family.SESSION) {
      return false;
    }
    for (int mm = 0; mm < world.shape.mms; mm++) {
      if (world.isMapped(buffer, mm) && world.userOfMm(mm) >= 0) {
        boolean reached = holder >= 0 && world.mmOf(holder) == mm;
        reached |= current >= 0 && world.mmOf(current) == mm;
        for (int task = 0; task < world.shape.tasks && current >= 0; task++) {
          reached |= world.mmOf(task) == mm && world.tracerOf(task) == current;
        }
        if (!reached) {
          return true;
        }
      }
    }
    return false;
  }

  /** What a session leaves is nobody's own; it is found at whoever has it mapped. */
  void strand(World world, int buffer) {
    world.buffer(buffer, Shape.OWNER, 0);
    int holders = 0;
    for (int task = 0; task < world.shape.tasks; task++) {
      int mm = world.mmOf(task);
      holders |= mm >= 0 && world.isMapped(buffer, mm) ? 1 << task : 0;
    }
    world.buffer(buffer, Shape.HOLDERS, holders);
  }

  private void release(
      World world, int buffer, Handling handling, int holder, int current, int closer) {
    if (handling.pages() == Pages.FREED_IF_CLOSED && world.buffer(buffer, Shape.HOLDERS) != 0) {
      return;
    }
    refund(world, buffer, handling.refund(), current, closer);
    boolean freed =
        switch (handling.pages()) {
          case KEPT, DEFERRED -> false;
          case FREED, FREED_IF_CLOSED -> true;
          case FREED_IF_ACTIVE -> world.buffer(buffer, Shape.INACTIVE) == 0;
        };
    if (freed) {
      free(world, buffer, holder);
    } else if (handling.refund() != Refund.NOBODY) {
      world.clearCharges(buffer);
    }
  }

  /**
   * Frees a buffer. Who releases it drops one pointer, and other pointers to it dangle; who takes
   * it away from all, as {@code holder} -1, finds all.
   */
  private void free(World world, int buffer, int holder) {
    boolean all = holder < 0 || rules.family() != Family.KERNEL_TRACE;
    world.buffer(buffer, Shape.PHASE, Shape.DANGLING);
    world.buffer(buffer, Shape.MAPPINGS, 0);
    world.buffer(buffer, Shape.HOLDERS, all ? 0 : world.buffer(buffer, Shape.HOLDERS));
    drop(world, buffer, holder);
  }

  /** Drops a pointer to a buffer that is freed. */
  private static void drop(World world, int buffer, int holder) {
    if (holder >= 0) {
      world.buffer(buffer, Shape.HOLDERS, world.buffer(buffer, Shape.HOLDERS) & ~(1 << holder));
    }
    boolean found = world.buffer(buffer, Shape.HOLDERS) != 0;
    for (int task = 0; task < world.shape.tasks; task++) {
      found |= world.task(task, Shape.PENDING) == buffer + 1;
    }
    if (!found) {
      world.clearBuffer(buffer);
    }
  }

  private static void move(World world, int buffer, int from, int to) {
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0 && world.shape.isMmAccount(account) && world.shape.mmOf(account) == from) {
        int pages = world.chargedPages(buffer, charge);
        int target = world.shape.accountOfMm(account, to);
        world.add(account, -pages);
        world.add(target, pages);
        world.setCharge(buffer, charge, target, pages);
      }
    }
  }

  private void refund(World world, int buffer, Refund refund, int current, int closer) {
    if (refund == Refund.SIZE_TO_MAKER) {
      refundSize(world, buffer);
      return;
    }
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0) {
        int refunded = refunded(world, buffer, account, refund, current, closer);
        if (refunded != NOBODY) {
          world.add(refunded, -world.chargedPages(buffer, charge));
        }
      }
    }
  }

  /** Returns the account that is refunded for a charge, or nobody. */
  private static int refunded(
      World world, int buffer, int account, Refund refund, int current, int closer) {
    Shape shape = world.shape;
    boolean ofMm = shape.isMmAccount(account);
    return switch (refund) {
      case PAYER, PAYER_IF_MEMORY -> account;
      case NOBODY, MOVE, SIZE_TO_MAKER -> NOBODY;
      case CURRENT -> {
        if (current < 0 || (ofMm && world.mmOf(current) < 0)) {
          yield NOBODY;
        }
        yield ofMm
            ? shape.accountOfMm(account, world.mmOf(current))
            : shape.isUserAccount(account)
                ? shape.accountOfUser(account, world.task(current, Shape.USER))
                : account;
      }
      case CURRENT_USER ->
          current >= 0 && shape.isUserAccount(account)
              ? shape.accountOfUser(account, world.task(current, Shape.USER))
              : account;
      case CLOSER -> !ofMm ? account : closer < 0 ? NOBODY : shape.accountOfMm(account, closer);
      case TRACEE -> {
        int holders = world.buffer(buffer, Shape.HOLDERS);
        int mm = holders == 0 ? -1 : world.mmOf(Integer.numberOfTrailingZeros(holders));
        yield !ofMm ? account : mm < 0 ? NOBODY : shape.accountOfMm(account, mm);
      }
      case FIRST_PAYER -> shape.isUserAccount(account) ? firstPayer(world, account) : account;
      case WITHOUT_USER_PART -> ofMm ? account : NOBODY;
      case PAYER_IF_MAKER_LIVES -> world.ownerOf(buffer) >= 0 ? account : NOBODY;
    };
  }

  private static int firstPayer(World world, int account) {
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE && world.buffer(buffer, Shape.KIND) == 0) {
        for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
          int first = world.chargedAccount(buffer, charge);
          if (first >= 0 && world.shape.isUserAccount(first)) {
            return world.shape.accountOfUser(account, world.shape.userOf(first));
          }
        }
      }
    }
    return account;
  }

  private static void refundSize(World world, int buffer) {
    int maker = world.ownerOf(buffer);
    if (maker >= 0) {
      int user = world.task(maker, Shape.USER);
      int first = world.shape.mms * Shape.MM_ACCOUNTS; // The memlock of user 0.
      world.add(first + user * Shape.USER_ACCOUNTS, -world.buffer(buffer, Shape.SIZE));
    }
  }

  /** One mapping goes; with the last one the buffer comes to an ending. */
  void unmap(World world, int buffer, int mm, int current) {
    world.buffer(buffer, Shape.MAPPINGS, world.buffer(buffer, Shape.MAPPINGS) & ~(1 << mm));
    if (world.buffer(buffer, Shape.MAPPINGS) == 0 && world.buffer(buffer, Shape.STRAY) == 0) {
      end(world, buffer, Ending.UNMAP, NOBODY, current, mm, NOBODY);
    }
  }

  /** Some tasks lose their descriptors; with the last one the buffer comes to an ending. */
  void close(World world, int buffer, int tasks, int current, int mm) {
    int left = world.buffer(buffer, Shape.HOLDERS) & ~tasks;
    world.buffer(buffer, Shape.HOLDERS, left);
    if (left == 0
        && world.buffer(buffer, Shape.MAPPINGS) == 0
        && world.buffer(buffer, Shape.STRAY) == 0) {
      end(world, buffer, Ending.CLOSE, NOBODY, current, mm, NOBODY);
    }
  }

  /**
   * An address space is torn down: its mappings go, and then whatever it pays for comes to an
   * ending.
   *
   * @param successor the address space that its task has executed into, -1 if there is none
   */
  void tearDown(World world, int mm, int current, int successor) {
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.isMapped(buffer, mm)) {
        unmap(world, buffer, mm, current);
      }
    }
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE && isChargedTo(world, buffer, mm)) {
        end(world, buffer, Ending.PAYER_GONE, NOBODY, current, mm, successor);
      }
    }
    if (world.mm(mm, Shape.FOREIGN) != 0) {
      world.mm(mm, Shape.FOREIGN, 0);
      world.add(mm * Shape.MM_ACCOUNTS + Shape.TOTAL_VM, -1);
      world.add(mm * Shape.MM_ACCOUNTS + Shape.LOCKED_VM, -1);
    }
    world.forgetCounters(mm);
  }

  /**
   * A control group is removed, which no live task may be in: only zombies are no hindrance (EBUSY
   * otherwise). What is charged to it comes to an ending; the first group is never removed.
   */
  boolean removeGroup(World world, int group) {
    if (group == 0 || !world.isGroupThere(group)) {
      return false;
    }
    for (int task = 0; task < world.shape.tasks; task++) {
      if (world.isLive(task) && world.task(task, Shape.GROUP) == group) {
        return false;
      }
    }
    world.removeGroup(group);
    int account = world.shape.accountOfGroup(group);
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE && world.chargedPagesOn(buffer, account) != 0) {
        end(world, buffer, Ending.GROUP_GONE, NOBODY, NOBODY, NOBODY, NOBODY);
      }
    }
    return true;
  }

  /** A CPU comes, or goes with the buffers that are loaded there; returns whether it does. */
  boolean setCpuOffline(World world, boolean offline) {
    if (!world.setCpuOffline(offline)) {
      return false;
    }
    for (int buffer = 0; offline && buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE) {
        end(world, buffer, Ending.CPU_OFFLINE, NOBODY, NOBODY, NOBODY, NOBODY);
      }
    }
    return true;
  }

  private static boolean isChargedTo(World world, int buffer, int mm) {
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0 && world.shape.isMmAccount(account) && world.shape.mmOf(account) == mm) {
        return true;
      }
    }
    return false;
  }
}
