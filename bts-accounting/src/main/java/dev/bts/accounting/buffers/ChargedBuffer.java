package dev.bts.accounting.buffers;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A branch buffer and who paid for it. Once it is released nothing is recorded into it, but what it
 * holds can still be read.
 */
final class ChargedBuffer {
  private final BranchBuffer area;
  private final ChargedPages pages;
  private final Set<Account> payer;

  ChargedBuffer(BranchBuffer area, ChargedPages pages) {
    this.area = area;
    this.pages = pages;
    this.payer = payer(pages.receipt().charges());
  }

  /** Returns the accounts of charges: buffers with the same payer are shared. */
  static Set<Account> payer(List<Charge> charges) {
    return charges.stream().map(Charge::account).collect(Collectors.toUnmodifiableSet());
  }

  BranchBuffer area() {
    return area;
  }

  Receipt receipt() {
    return pages.receipt();
  }

  Set<Account> payer() {
    return payer;
  }

  boolean isPaidBy(AccountOwner owner) {
    return payer.stream().anyMatch(account -> account.owner().equals(owner));
  }

  /** Gives the memory back; no record is looked for there any more, whatever happens. */
  void release() {
    try {
      area.seal();
    } finally {
      pages.release();
    }
  }
}
