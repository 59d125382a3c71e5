package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Pages by account: the sum of what was added, and only accounts that hold any. */
final class PageTotals {
  private final Map<Account, Long> pages = new HashMap<>();

  long of(Account account) {
    return pages.getOrDefault(account, 0L);
  }

  /**
   * Adds charges, all or none.
   *
   * @throws ArithmeticException if a sum is more than a long holds; nothing was added
   */
  void add(List<Charge> charges) {
    for (Charge charge : charges) {
      Math.addExact(of(charge.account()), charge.pages());
    }
    for (Charge charge : charges) {
      set(charge.account(), of(charge.account()) + charge.pages());
    }
  }

  /** Subtracts charges that were added before. */
  void subtract(List<Charge> charges) {
    for (Charge charge : charges) {
      set(charge.account(), of(charge.account()) - charge.pages());
    }
  }

  private void set(Account account, long total) {
    if (total == 0) {
      pages.remove(account);
    } else {
      pages.put(account, total);
    }
  }

  /** Returns the sum of a counter, which may be negative, and a total, which is not. */
  static long saturatedSum(long counter, long total) {
    return counter > Long.MAX_VALUE - total ? Long.MAX_VALUE : counter + total;
  }
}
