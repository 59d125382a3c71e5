package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;

/**
 * The plan that {@code mmap(MAP_LOCKED)} carries out: total_vm under RLIMIT_AS, which no capability
 * lifts, and locked_vm under RLIMIT_MEMLOCK, which CAP_IPC_LOCK lifts (mm/mmap.c, mlock_future_ok).
 */
final class AddressSpacePlan {
  private AddressSpacePlan() {}

  static ChargePlan plan(String policy, TaskIdentity payer, long pages, AccountView view) {
    Account total = Account.totalVm(payer.mm());
    Account locked = Account.lockedVm(payer.mm());
    if (!Limits.fits(total, payer, pages, view)) {
      return refused(policy, total, payer, pages, view);
    }
    boolean within = Limits.fits(locked, payer, pages, view);
    if (!within && !view.mayExceedMemlock(payer)) {
      return refused(policy, locked, payer, pages, view);
    }
    return new ChargePlan.Admitted(
        List.of(new Charge(total, pages), new Charge(locked, pages)),
        within ? "" : Limits.CAP_IPC_LOCK);
  }

  private static ChargePlan refused(
      String policy, Account account, TaskIdentity payer, long pages, AccountView view) {
    return new ChargePlan.Refused(
        Refusal.overLimit(
            policy, account, pages, view.usedPages(account), view.limitPages(account, payer)));
  }
}
