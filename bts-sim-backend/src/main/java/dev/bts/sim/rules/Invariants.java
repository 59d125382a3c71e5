package dev.bts.sim.rules;

import dev.bts.api.charging.Account;

/**
 * The invariants that can be seen in a state. Those of a step ({@link Invariant#ENTITLEMENT},
 * {@link Invariant#CONSENT}, {@link Invariant#JUSTIFIED}, and a second release) are found by {@link
 * Transitions} when the step is made.
 */
final class Invariants {
  private static final int LIVE_PHASES = 1 << Shape.IN_USE | 1 << Shape.DYING;

  private final Rules rules;
  private final AccountTable table;

  /** What is on each counter and was not charged by a live buffer. */
  private final int[] unexplained;

  /** The address spaces of the world that is looked at that somebody lives in, as bits. */
  private int liveMms;

  Invariants(Rules rules, AccountTable table, Shape shape) {
    this.rules = rules;
    this.table = table;
    unexplained = new int[shape.accounts];
  }

  /** Returns the invariants that do not hold, as bits. */
  int broken(World world) {
    liveMms = world.liveMms();
    int broken = areCountersRight(world) ? 0 : Invariant.COUNTERS.bit();
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == Shape.IN_USE) {
        broken |= brokenBy(world, buffer);
      }
    }
    return broken;
  }

  private boolean areCountersRight(World world) {
    Shape shape = world.shape;
    System.arraycopy(world.values, shape.firstAccount, unexplained, 0, shape.accounts);
    boolean right = true;
    for (int account = 0; account < shape.accounts; account++) {
      right &= unexplained[account] >= 0 || !isAlive(shape, account);
    }
    for (int buffer = 0; buffer < shape.buffers; buffer++) {
      if ((LIVE_PHASES >> world.phase(buffer) & 1) != 0) {
        for (int charge = world.charges(buffer) - 1; charge >= 0; charge--) {
          unexplained[world.chargedAccount(buffer, charge)] -= world.chargedPages(buffer, charge);
        }
      }
    }
    for (int account = 0; account < shape.accounts; account++) {
      // Where nobody lives nobody is refused for it, and it goes with its address space.
      right &= unexplained[account] == world.foreign(account) || !isAlive(shape, account);
    }
    return right;
  }

  private int brokenBy(World world, int buffer) {
    int broken = isHeld(world, buffer) ? 0 : Invariant.QUIET.bit();
    if (rules.memory == MemoryKind.RESERVED_POOL) {
      return broken;
    }
    broken |= world.isCharged(buffer) ? 0 : Invariant.RECEIPTS.bit();
    int size = world.buffer(buffer, Shape.SIZE);
    int covered = 0;
    int coveredByGroup = 0;
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account < 0) {
        continue;
      }
      int pages = world.chargedPages(buffer, charge);
      broken |= pages > size || pages < 0 ? Invariant.BACKED.bit() : 0;
      Account.Kind kind = table.account(account).kind();
      if (kind == Account.Kind.GROUP_MEMORY) {
        // A removed group bounds nobody any more; the groups above it do.
        boolean there = world.isGroupThere(world.shape.groupOf(account));
        coveredByGroup = there ? Math.max(coveredByGroup, pages) : coveredByGroup;
      } else if (kind != Account.Kind.TOTAL_VM && isAlive(world.shape, account)) {
        covered += pages;
      }
    }
    return covered + coveredByGroup < size ? broken | Invariant.BACKED.bit() : broken;
  }

  private boolean isAlive(Shape shape, int account) {
    return !shape.isMmAccount(account) || (liveMms >> shape.mmOf(account) & 1) != 0;
  }

  /** Returns whether somebody can release a buffer. */
  private boolean isHeld(World world, int buffer) {
    if (rules.family() == Family.DESCRIPTOR) {
      return world.buffer(buffer, Shape.HOLDERS) != 0 || world.buffer(buffer, Shape.MAPPINGS) != 0;
    }
    if (rules.family() == Family.SESSION && world.ownerOf(buffer) >= 0) {
      return true;
    }
    for (int task = 0; task < world.shape.tasks; task++) {
      if (world.isHolder(buffer, task)
          && (world.tracerOf(task) >= 0
              || (rules.orphans == Orphans.FOUND && world.isUnended(task)))) {
        return true;
      }
    }
    return false;
  }
}
