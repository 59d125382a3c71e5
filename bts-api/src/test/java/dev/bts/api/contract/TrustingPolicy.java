package dev.bts.api.contract;

import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;

/** A policy that chooses the payer like another one, but knows no limits: the kernel must. */
record TrustingPolicy(ChargingPolicy policy) implements ChargingPolicy {
  @Override
  public String name() {
    return "trusting-" + policy.name();
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    return policy.plan(request, AccountView.BOUNDLESS);
  }
}
