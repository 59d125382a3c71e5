package dev.bts.api.charging;

import java.util.List;

/**
 * Who paid how much, from which account, for which buffer. Immutable, refunded at most once,
 * outlives task, address space and tracer.
 *
 * @param id unique within its ledger
 * @param policy the policy that chose the payer
 * @param buffer what was paid for, a name for people
 * @param charges the pages, per account
 * @param liftedBy the capability that lifted a limit, empty if none did
 */
public record Receipt(
    long id, String policy, String buffer, List<Charge> charges, String liftedBy) {
  /** Copies. */
  public Receipt {
    charges = List.copyOf(charges);
  }

  /**
   * Returns the pages that the buffer has: the largest charge. (A buffer is charged to total_vm and
   * to locked_vm of one address space, but exists once.)
   */
  public long pages() {
    return charges.stream().mapToLong(Charge::pages).max().orElse(0);
  }
}
