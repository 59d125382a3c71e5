package dev.bts.accounting;

import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;

/**
 * The policy {@code tracer}: the tracing address space pays, with its total_vm and locked_vm, under
 * its own RLIMIT_AS and RLIMIT_MEMLOCK.
 */
public final class TracerPays implements ChargingPolicy {
  /** The policy's name. */
  public static final String NAME = "tracer";

  /** Creates the policy; it has no state. */
  public TracerPays() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    return AddressSpacePlan.plan(NAME, request.tracer(), request, view);
  }
}
