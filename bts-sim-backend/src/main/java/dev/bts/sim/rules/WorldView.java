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
    return limit(account.kind(), mm.pid() - 1);
  }

  /** Returns the limit of an account for a charge that an address space makes. */
  long limit(int account, int chargerMm) {
    int mm = world.shape.isMmAccount(account) ? world.shape.mmOf(account) : chargerMm;
    return limit(table.account(account).kind(), mm);
  }

  /** Returns a limit as an address space has it. */
  long limit(Account.Kind kind, int mm) {
    Bounds bounds = world.shape.bounds;
    return switch (kind) {
      case TOTAL_VM -> bounds.addressSpace() == 0 ? UNLIMITED : bounds.addressSpace();
      case LOCKED_VM, PINNED_VM, USER_MEMLOCK ->
          mm >= 0 && mm < world.shape.mms && world.mm(mm, Shape.LOWERED) != 0
              ? bounds.limit() / 2
              : bounds.limit();
      case USER_PERF -> world.giftLowered() ? 0 : bounds.gift();
      case GROUP_MEMORY -> bounds.limit();
    };
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    return isLifted(account.kind(), charger.mm().pid() - 1)
        ? Optional.of(Account.CAP_IPC_LOCK)
        : Optional.empty();
  }

  /** Returns whether a capability of an address space's tasks lifts limits of a kind. */
  boolean isLifted(Account.Kind kind, int mm) {
    int task = world.userOfMm(mm);
    return kind.liftedByIpcLock() && task >= 0 && world.task(task, Shape.CAPABLE) != 0;
  }

  /** Returns whether a capability of an address space's tasks lifts the limit of an account. */
  boolean isLifted(int account, int mm) {
    return isLifted(table.account(account).kind(), mm);
  }

  /** Returns whether pages would exceed a limit: the sum is compared unsigned, as kernels do. */
  boolean exceeds(int account, int pages, int chargerMm) {
    long limit = limit(account, chargerMm);
    return limit != UNLIMITED && Long.compareUnsigned((long) used(account) + pages, limit) > 0;
  }
}
