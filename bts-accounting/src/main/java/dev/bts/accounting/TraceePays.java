package dev.bts.accounting;

import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;

/**
 * The policy {@code tracee}: the traced address space pays, with its total_vm and locked_vm, under
 * its own RLIMIT_AS and RLIMIT_MEMLOCK. Another principal's process is charged only on request.
 */
public final class TraceePays implements ChargingPolicy {
  /** The policy's name. */
  public static final String NAME = "tracee";

  /** Creates the policy; it has no state. */
  public TraceePays() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    boolean other = !request.tracee().principal().equals(request.tracer().principal());
    if (other && !request.chargeOther()) {
      return new ChargePlan.Refused(
          Refusal.because(
              NAME,
              request.pages(),
              "the tracee belongs to "
                  + request.tracee().principal()
                  + ", the tracer to "
                  + request.tracer().principal()
                  + ", and nobody else's limit is charged unasked",
              "insist with --charge-other, or choose --charge tracer"));
    }
    return AddressSpacePlan.plan(NAME, request.tracee(), request, view);
  }
}
