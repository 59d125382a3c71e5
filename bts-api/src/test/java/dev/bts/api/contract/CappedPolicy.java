package dev.bts.api.contract;

import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;

/** A policy that decides like another one, but refuses more than so many pages at a time. */
record CappedPolicy(ChargingPolicy policy, long mostPages) implements ChargingPolicy {
  @Override
  public String name() {
    return "capped-" + policy.name();
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    if (request.pages() > mostPages) {
      return new ChargePlan.Refused(
          Refusal.because(
              name(),
              request.pages(),
              "more than " + mostPages + " pages at a time",
              "lower --buffer"));
    }
    return policy.plan(request, view);
  }
}
