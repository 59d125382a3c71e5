package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;

/**
 * The plan that {@code mmap(MAP_LOCKED)} carries out: total_vm under RLIMIT_AS, which no capability
 * lifts, and locked_vm under RLIMIT_MEMLOCK, which CAP_IPC_LOCK lifts (mm/mmap.c, mlock_future_ok).
 */
final class AddressSpacePlan {
  private AddressSpacePlan() {}

  static ChargePlan plan(
      String policy, TaskIdentity payer, ChargeRequest request, AccountView view) {
    List<Account> accounts = List.of(Account.totalVm(payer.mm()), Account.lockedVm(payer.mm()));
    return Limits.chargeAll(policy, accounts, payer, request, view);
  }
}
