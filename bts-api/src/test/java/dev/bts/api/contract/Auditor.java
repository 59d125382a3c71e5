package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Checks the invariants of accounting: the books of a ledger against counters that somebody else
 * keeps. It takes no part in the work that it audits. Not safe for several threads.
 */
public final class Auditor {
  /** The counters and limits of the kernel, or of its model, read apart from what is audited. */
  public interface Counters {
    /**
     * Returns the pages of buffers and others' on an account now; empty where they cannot be known,
     * because the owner is gone or the kernel does not show them exactly.
     */
    OptionalLong pages(Account account);

    /** Returns the limit of an account in pages; {@link AccountView#UNLIMITED} for none. */
    long limit(Account account);
  }

  private final Ledger ledger;
  private final Counters counters;
  private final Map<Account, Long> foreign = new LinkedHashMap<>();

  /** Audits a ledger, which is empty as yet. */
  public Auditor(Ledger ledger, Counters counters) {
    this.ledger = ledger;
    this.counters = counters;
  }

  /** Watches an account that outlives the sessions: what is on it now is others'. */
  public void watch(Account account) {
    counters.pages(account).ifPresent(pages -> foreign.put(account, pages));
  }

  /** Says that others have put pages on an account, or taken some off. */
  public void foreignUse(Account account, long pages) {
    foreign.put(account, pages);
  }

  /**
   * Checks that every live receipt stands for pages that the kernel counts on the same account,
   * that nothing else is counted there, and that nobody is over a limit unless the receipt names
   * the capability that lifted it. No session may move meanwhile.
   */
  public void check() {
    List<Receipt> live = ledger.liveReceipts();
    assertThat(live).extracting(Receipt::id).doesNotHaveDuplicates();
    Map<Account, Long> charged = new HashMap<>();
    Map<Account, Boolean> lifted = new HashMap<>();
    foreign.keySet().forEach(account -> charged.put(account, 0L));
    for (Receipt receipt : live) {
      for (Charge charge : receipt.charges()) {
        charged.merge(charge.account(), charge.pages(), Long::sum);
        lifted.merge(charge.account(), !receipt.liftedBy().isEmpty(), Boolean::logicalOr);
      }
    }
    charged.forEach(
        (account, pages) -> {
          assertThat(ledger.chargedPages(account)).as("the ledger: " + account).isEqualTo(pages);
          assertThat(ledger.reservedPages(account)).as("reserved: " + account).isZero();
          OptionalLong counted = counters.pages(account);
          if (counted.isPresent()) {
            assertThat(counted.getAsLong()).as("counter: " + account).isNotNegative();
            assertThat(counted.getAsLong() - foreign.getOrDefault(account, 0L))
                .as("counter less foreign use: " + account)
                .isEqualTo(pages);
          }
        });
    lifted.forEach(
        (account, capable) -> {
          if (!capable) {
            assertThat(charged.get(account))
                .as("within the limit: " + account)
                .isLessThanOrEqualTo(counters.limit(account));
          }
        });
  }

  /** Checks that nothing is charged any more and that all watched counters are where they began. */
  public void checkNothingIsLeft() {
    assertThat(ledger.liveReceipts()).isEmpty();
    check();
  }
}
