package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;

/** The limit test that all policies share. */
final class Limits {
  static final String CAP_IPC_LOCK = "CAP_IPC_LOCK";

  private Limits() {}

  /**
   * Returns whether so many more pages stay within the account's limit. Zero pages always fit.
   *
   * <p>The test is the kernel's: the sum is compared unsigned (mm/mmap.c, mlock_future_ok), so a
   * counter that has underflowed reads as a huge one until enough pages are added to wrap it.
   */
  static boolean fits(Account account, TaskIdentity charger, long pages, AccountView view) {
    if (pages == 0) {
      return true;
    }
    long limit = view.limitPages(account, charger);
    return limit == AccountView.UNLIMITED
        || Long.compareUnsigned(view.usedPages(account) + pages, limit) <= 0;
  }
}
