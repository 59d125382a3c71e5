package dev.bts.sim;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A branch buffer and who paid for it. Once its receipt is refunded its pages are locked no more
 * and nothing is recorded into it, but what it holds can still be read.
 */
final class TraceBuffer {
  private final BranchBuffer area;
  private final Receipt receipt;
  private final Placement placement;
  private final Set<Account> payer;

  TraceBuffer(BranchBuffer area, Receipt receipt, Placement placement) {
    this.area = area;
    this.receipt = receipt;
    this.placement = placement;
    this.payer = payer(receipt.charges());
  }

  /** Returns the accounts of charges: buffers with the same payer are shared. */
  static Set<Account> payer(List<Charge> charges) {
    return charges.stream().map(Charge::account).collect(Collectors.toUnmodifiableSet());
  }

  BranchBuffer area() {
    return area;
  }

  Receipt receipt() {
    return receipt;
  }

  Placement placement() {
    return placement;
  }

  Set<Account> payer() {
    return payer;
  }

  boolean isPaidBy(AccountOwner owner) {
    return payer.stream().anyMatch(account -> account.owner().equals(owner));
  }
}
