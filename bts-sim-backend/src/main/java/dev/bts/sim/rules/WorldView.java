package dev.bts.sim.rules;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;
import java.util.Optional;

/** What a policy sees of a {@link World}. Set up anew for each question; one thread at a time. */
final class WorldView implements AccountView {
  private final AccountTable table;
  private World world;
  private int ledgerMm = -1;

  /** The kinds of buffers that justify a refusal, as bits; 0 where counters are shown. */
  private int justifyingKinds;

  WorldView(AccountTable table, World world) {
    this.table = table;
    this.world = world;
  }

  /** Shows the counters as they are. */
  WorldView counters(World of) {
    world = of;
    ledgerMm = -1;
    justifyingKinds = 0;
    return this;
  }

  /** Shows the counters with what the ledger of one process has reserved. */
  WorldView ledger(World of, int mm) {
    counters(of);
    ledgerMm = mm;
    return this;
  }

  /** Shows only what justifies a refusal: see {@link Invariant#JUSTIFIED}. */
  WorldView justified(World of, int mm, int kinds) {
    ledger(of, mm);
    justifyingKinds = kinds;
    return this;
  }

  @Override
  public long usedPages(Account account) {
    int index = table.find(account);
    return index < 0 ? 0 : used(index);
  }

  int used(int account) {
    int used = justifyingKinds != 0 ? justified(account) : world.counter(account);
    for (int buffer = 0; ledgerMm >= 0 && buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.RESERVED && isOfLedger(buffer)) {
        used += world.chargedPagesOn(buffer, account);
      }
    }
    return used;
  }

  private boolean isOfLedger(int buffer) {
    int owner = world.ownerOf(buffer);
    return owner >= 0 && world.mmOf(owner) == ledgerMm;
  }

  private int justified(int account) {
    int used = world.foreign(account);
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE
          && (justifyingKinds >> world.buffer(buffer, Shape.KIND) & 1) != 0) {
        used += world.chargedPagesOn(buffer, account);
      }
    }
    return used;
  }

  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    AccountOwner owner = account.owner();
    AccountOwner.AddressSpace mm =
        owner instanceof AccountOwner.AddressSpace own ? own : charger.mm();
    return limit(account.kind(), taskOf(table.space(mm)));
  }

  /** Returns the task whose limits count for an address space; see {@link AccountTable#taskOf}. */
  int taskOf(int space) {
    return table.taskOf(world, space);
  }

  /** Returns a limit as a task has it, or as one has it that nobody has lowered. */
  long limit(Account.Kind kind, int task) {
    return limit(kind, task >= 0 && world.task(task, Shape.LOWERED) == Shape.LOWERED_LIMIT);
  }

  private long limit(Account.Kind kind, boolean lowered) {
    Bounds bounds = world.shape.bounds;
    return switch (kind) {
      case TOTAL_VM -> bounds.addressSpace() == 0 ? UNLIMITED : bounds.addressSpace();
      case LOCKED_VM, PINNED_VM, USER_MEMLOCK -> lowered ? bounds.limit() / 2 : bounds.limit();
      case USER_PERF ->
          world.giftLowered() ? 0 : world.isCpuOffline() ? bounds.gift() / 2 : bounds.gift();
      case GROUP_MEMORY -> bounds.limit();
    };
  }

  /**
   * Returns the limit of an account for a charge that a task makes for another, or has it make: of
   * an address space that both live in, the higher one's. It is the one that was set, even if the
   * kernel has lost it.
   */
  long limitAsSet(int account, int task, int on) {
    Account.Kind kind = table.account(account).kind();
    if (!world.shape.isMmAccount(account)) {
      return limit(kind, isSetLow(task));
    }
    int mm = world.shape.mmOf(account);
    boolean ofTask = world.mmOf(task) == mm;
    boolean ofOther = world.mmOf(on) == mm;
    if (!ofTask && !ofOther) {
      return limit(kind, isSetLow(world.userOfMm(mm)));
    }
    return limit(kind, (!ofTask || isSetLow(task)) && (!ofOther || isSetLow(on)));
  }

  private boolean isSetLow(int task) {
    return task >= 0 && world.task(task, Shape.LOWERED) != 0;
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    return isLifted(account.kind(), taskOf(table.space(charger.mm())))
        ? Optional.of(Account.CAP_IPC_LOCK)
        : Optional.empty();
  }

  /** Returns whether a capability of a task lifts limits of a kind. */
  boolean isLifted(Account.Kind kind, int task) {
    return kind.liftedByIpcLock() && task >= 0 && world.task(task, Shape.CAPABLE) != 0;
  }

  /** Returns whether a capability lifts the limit of an account for a charge that a task makes. */
  boolean isLiftedFor(int account, int task) {
    boolean ofMm = world.shape.isMmAccount(account);
    int capable = ofMm ? world.userOfMm(world.shape.mmOf(account)) : task;
    return isLifted(table.account(account).kind(), capable);
  }

  /** Returns whether pages would exceed a limit: the sum is compared unsigned, as kernels do. */
  boolean exceeds(int account, int pages, int task, int on) {
    long limit = limitAsSet(account, task, on);
    return limit != UNLIMITED && Long.compareUnsigned((long) used(account) + pages, limit) > 0;
  }
}
