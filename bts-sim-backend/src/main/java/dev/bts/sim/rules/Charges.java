package dev.bts.sim.rules;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;

/** How buffers come to be: the policy is asked, the plan is checked, counters move. */
final class Charges {
  private final Rules rules;
  private final AccountTable table;
  private final WorldView view;

  /** By the kind of buffer; where there is one policy for both, it is the same object twice. */
  private final Decisions[] policies;

  private final boolean mapped;

  Charges(Rules rules, AccountTable table, WorldView view) {
    this.rules = rules;
    this.table = table;
    this.view = view;
    Decisions first = new Decisions(rules.policy(0), table);
    boolean same = rules.policy(0) == rules.policy(1);
    policies = new Decisions[] {first, same ? first : new Decisions(rules.policy(1), table)};
    mapped = rules.operations().contains(OperationKind.UNMAP);
  }

  /**
   * Asks for a buffer. What the policy admits is reserved, and charged at once if the rules say so;
   * what it refuses changes nothing.
   *
   * @param on the traced task, or the task itself
   * @param holders who refers to the buffer, as bits
   * @param fails whether the allocation fails behind the check
   * @return whether anything has changed or is broken
   */
  boolean request(World world, int task, int on, int pages, int kind, int holders, boolean fails) {
    int buffer = world.freeBuffer();
    if (buffer < 0 || (fails && rules.failure == Failure.UNWIND)) {
      return false;
    }
    int mm = world.mmOf(task);
    Decisions policy = policies[kind];
    boolean ledger = rules.admission == Admission.TWO_PHASE;
    WorldView seen = ledger ? view.ledger(world, mm) : view.counters(world);
    Decisions.Decision plan = policy.decide(world, task, on, pages, seen);
    if (!plan.admitted) {
      int kinds = policies[0] == policies[1] ? 0b11 : 1 << kind;
      WorldView justified = view.justified(world, mm, kinds);
      if (policy.decide(world, task, on, pages, justified).admitted) {
        world.broken |= Invariant.JUSTIFIED.bit();
      }
      return world.broken != 0;
    }
    for (int i = 0; i < plan.accounts.length; i++) {
      check(world, task, on, plan.accounts[i], plan.pages[i], plan.lifted);
    }
    for (int i = 0; i < plan.accounts.length; i++) {
      world.charge(buffer, plan.accounts[i], plan.pages[i]);
    }
    world.buffer(buffer, Shape.SIZE, pages);
    world.buffer(buffer, Shape.PHASE, Shape.RESERVED);
    world.buffer(buffer, Shape.OWNER, task + 1);
    world.buffer(buffer, Shape.KIND, kind);
    world.buffer(buffer, Shape.HOLDERS, holders);
    if (fails) {
      fail(world, buffer);
    } else if (rules.admission == Admission.ATOMIC) {
      use(world, buffer);
    }
    return true;
  }

  /** Checks one charge of a plan that a policy has admitted, without asking the policy. */
  private void check(World world, int task, int on, int account, int pages, boolean saysLifted) {
    int mm = world.mmOf(task);
    boolean lifted = saysLifted && view.isLiftedFor(account, task);
    if (view.exceeds(account, pages, task, on) && !lifted) {
      world.broken |= Invariant.ENTITLEMENT.bit();
    }
    Account.Kind kind = table.account(account).kind();
    int requester = world.shape.rootUser(world.task(task, Shape.USER));
    boolean inNamespaces = world.shape.bounds.namespaces() > 0;
    if (kind == Account.Kind.USER_MEMLOCK && inNamespaces && !lifted) {
      int root = world.shape.rootUser(world.shape.userOf(account));
      if (lockedByUser(world, root, mm) + pages > view.limitAsSet(account, task, on)) {
        world.broken |= Invariant.ENTITLEMENT.bit();
      }
    }
    if (payer(world, account, requester) != requester) {
      world.broken |= Invariant.CONSENT.bit();
    }
  }

  /**
   * What a user has locked in all its namespaces, each buffer counted once, with what one ledger
   * has reserved.
   */
  private int lockedByUser(World world, int root, int ledgerMm) {
    int pages = 0;
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      int owner = world.ownerOf(buffer);
      if (world.phase(buffer) == Shape.RESERVED && (owner < 0 || world.mmOf(owner) != ledgerMm)) {
        continue;
      }
      int most = 0;
      for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
        int account = world.chargedAccount(buffer, charge);
        if (account >= 0
            && world.shape.isUserAccount(account)
            && table.account(account).kind() == Account.Kind.USER_MEMLOCK
            && world.shape.rootUser(world.shape.userOf(account)) == root) {
          most = Math.max(most, world.chargedPages(buffer, charge));
        }
      }
      pages += most;
    }
    return pages;
  }

  /** Returns the root user whose account it is; a group's are its members'. */
  private int payer(World world, int account, int requester) {
    if (world.shape.isMmAccount(account)) {
      int payer = -1;
      for (int rest = world.tasksOfMm(world.shape.mmOf(account)); rest != 0; rest &= rest - 1) {
        int task = Integer.numberOfTrailingZeros(rest);
        int user = world.shape.rootUser(world.task(task, Shape.USER));
        payer = payer == requester ? payer : user; // Who shares memory shares its accounts.
      }
      return payer;
    }
    return world.shape.isUserAccount(account)
        ? world.shape.rootUser(world.shape.userOf(account))
        : requester;
  }

  /** Leaves what a failure leaves. */
  private void fail(World world, int buffer) {
    switch (rules.failure) {
      case KEEP_CHARGE -> {
        world.moveCounters(buffer, 1);
        world.clearBuffer(buffer);
      }
      case KEEP_PAGES -> {
        world.clearCharges(buffer);
        world.buffer(buffer, Shape.HOLDERS, 0);
        world.buffer(buffer, Shape.PHASE, Shape.IN_USE);
      }
      case IGNORE -> {
        world.clearCharges(buffer);
        use(world, buffer);
      }
      case UNWIND -> world.clearBuffer(buffer);
    }
  }

  /** The memory is there and the kernel charges it. */
  private void use(World world, int buffer) {
    world.moveCounters(buffer, 1);
    world.buffer(buffer, Shape.PHASE, Shape.IN_USE);
    int mm = world.mmOf(world.ownerOf(buffer));
    if (rules.family() == Family.SESSION) {
      world.buffer(buffer, Shape.MAPPINGS, 1 << place(world, buffer, mm));
    } else if (mapped) {
      world.buffer(buffer, Shape.MAPPINGS, 1 << mm);
    }
  }

  /** The pages lie in the address space that pays for mapped memory, else in the tracer's. */
  private int place(World world, int buffer, int tracerMm) {
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0 && table.account(account).owner() instanceof AccountOwner.AddressSpace) {
        return table.account(account).kind() == Account.Kind.PINNED_VM
            ? tracerMm
            : world.shape.mmOf(account);
      }
    }
    return tracerMm;
  }

  /** Commits what was reserved, if the kernel charges it. */
  boolean commit(World world, int task, int buffer) {
    if (world.phase(buffer) != Shape.RESERVED || world.ownerOf(buffer) != task) {
      return false;
    }
    int on = traced(world, task, buffer);
    view.counters(world);
    boolean kernelRefuses = false;
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0) {
        boolean exceeds =
            view.exceeds(account, world.chargedPages(buffer, charge), task, on)
                && !view.isLiftedFor(account, task);
        kernelRefuses |= exceeds || !isAlive(world, account);
      }
    }
    if (rules.admission == Admission.CHECK_THEN_ADD) {
      world.broken |= kernelRefuses ? Invariant.ENTITLEMENT.bit() : 0;
    } else if (kernelRefuses) {
      return false;
    }
    use(world, buffer);
    return true;
  }

  /** Returns the tracee that a buffer is for, or the task itself. */
  private static int traced(World world, int task, int buffer) {
    for (int on = 0; on < world.shape.tasks; on++) {
      if (world.isHolder(buffer, on) && world.isLive(on) && world.tracerOf(on) == task) {
        return on;
      }
    }
    return task;
  }

  private static boolean isAlive(World world, int account) {
    return world.shape.isMmAccount(account)
        ? world.userOfMm(world.shape.mmOf(account)) >= 0
        : !world.shape.isGroupAccount(account) || world.isGroupThere(world.shape.groupOf(account));
  }

  /** Locks a buffer again, with whatever that does under these rules. */
  boolean lockAgain(World world, int task, int buffer) {
    if (world.phase(buffer) != Shape.IN_USE || !world.isHolder(buffer, task)) {
      return false;
    }
    switch (rules.relock) {
      case KEEP -> {
        return false;
      }
      case OVERWRITE_PAYER -> {
        return overwritePayer(world, buffer, world.task(task, Shape.USER));
      }
      case CHARGE_AGAIN, CHARGE_LOCKED -> {
        if (world.buffer(buffer, Shape.RELOCKED) != 0) {
          return false;
        }
        world.buffer(buffer, Shape.RELOCKED, 1);
        int size = world.buffer(buffer, Shape.SIZE);
        int account =
            rules.relock == Relock.CHARGE_AGAIN
                ? world.chargedAccount(buffer, 0)
                : lockedVm(world.mmOf(task));
        world.charge(buffer, account, size);
        world.add(account, size);
        return true;
      }
    }
    throw new IllegalStateException(rules.relock.toString());
  }

  private static int lockedVm(int mm) {
    return mm * Shape.MM_ACCOUNTS + Shape.LOCKED_VM;
  }

  private static boolean overwritePayer(World world, int buffer, int user) {
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0
          && world.shape.isUserAccount(account)
          && world.shape.userOf(account) != user) {
        int pages = world.chargedPages(buffer, charge);
        world.setCharge(buffer, charge, world.shape.accountOfUser(account, user), pages);
        return true;
      }
    }
    return false;
  }

  /** The process locks or unlocks a page of its own, as the kernel lets it. */
  boolean lockPage(World world, int task, boolean lock) {
    int mm = world.mmOf(task);
    boolean locked = world.mm(mm, Shape.FOREIGN) != 0;
    if (locked == lock) {
      return false;
    }
    view.counters(world);
    int total = mm * Shape.MM_ACCOUNTS + Shape.TOTAL_VM;
    boolean refused =
        view.exceeds(total, 1, task, task)
            || (view.exceeds(lockedVm(mm), 1, task, task) && !view.isLiftedFor(lockedVm(mm), task));
    if (lock && refused) {
      return false;
    }
    world.mm(mm, Shape.FOREIGN, lock ? 1 : 0);
    world.add(total, lock ? 1 : -1);
    world.add(lockedVm(mm), lock ? 1 : -1);
    return true;
  }
}
