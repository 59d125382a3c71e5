package dev.bts.api.contract;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;

/** A policy that chooses the payer like another one, but knows no limits: the kernel must. */
record TrustingPolicy(ChargingPolicy policy) implements ChargingPolicy {
  @Override
  public String name() {
    return "trusting-" + policy.name();
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    return policy.plan(
        request,
        new AccountView() {
          @Override
          public long usedPages(Account account) {
            return 0;
          }

          @Override
          public long limitPages(Account account, TaskIdentity charger) {
            return UNLIMITED;
          }

          @Override
          public boolean mayExceedMemlock(TaskIdentity task) {
            return false;
          }
        });
  }
}
