package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;

/** The limit tests that all policies share. */
final class Limits {
  private Limits() {}

  /**
   * Plans to charge all pages of a request to each of some accounts, tested in this order. Zero
   * pages are admitted whatever the limits.
   *
   * @param charger the task whose limits and capabilities count
   */
  static ChargePlan chargeAll(
      String policy,
      List<Account> accounts,
      TaskIdentity charger,
      ChargeRequest request,
      AccountView view) {
    long pages = request.pages();
    String liftedBy = "";
    for (Account account : accounts) {
      if (pages > 0 && exceeds(account, charger, pages, view)) {
        String lifted = view.liftedBy(account, charger).orElse("");
        if (lifted.isEmpty()) {
          return new ChargePlan.Refused(
              Refusal.overLimit(
                  policy,
                  account,
                  pages,
                  view.usedPages(account),
                  view.limitPages(account, charger)));
        }
        liftedBy = lifted;
      }
    }
    return new ChargePlan.Admitted(
        accounts.stream().map(account -> new Charge(account, pages)).toList(), liftedBy);
  }

  /**
   * Returns whether so many more pages would exceed the account's limit.
   *
   * <p>The test is the kernel's: the sum is compared unsigned (mm/mmap.c, mlock_future_ok), so a
   * counter that has underflowed reads as a huge one until enough pages are added to wrap it.
   */
  static boolean exceeds(Account account, TaskIdentity charger, long pages, AccountView view) {
    long limit = view.limitPages(account, charger);
    return limit != AccountView.UNLIMITED
        && Long.compareUnsigned(view.usedPages(account) + pages, limit) > 0;
  }
}
