package dev.bts.accounting.plan;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.buffers.Payer;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a session would charge under one policy: every buffer is reserved in a ledger made for the
 * purpose, where reservations add up as a session's charges do, and none is allocated.
 */
final class Rehearsal {
  /**
   * How it came out.
   *
   * @param charged the pages on each account, up to the refusal
   * @param buffers how many buffers were charged
   * @param liftedBy the capabilities that lifted limits
   * @param refusal why there are no more buffers, null if all were charged
   */
  record Outcome(
      Map<Account, Long> charged, int buffers, Set<String> liftedBy, @Nullable Refusal refusal) {}

  private final ChargingPolicy policy;
  private final PlanRequest request;
  private final Prospect prospect;

  Rehearsal(ChargingPolicy policy, PlanRequest request, Prospect prospect) {
    this.policy = policy;
    this.request = request;
    this.prospect = prospect;
  }

  /** Charges buffers of so many pages for all processes and threads. */
  Outcome all(long pages, AccountView view) {
    boolean ring = prospect.mechanism().recordsIntoPerfRing();
    return charge(pages, view, ring ? request.threads() : prospect.tracees().size());
  }

  /** Charges the first buffer of a session only. */
  Outcome first(long pages, AccountView view) {
    return charge(pages, view, 1);
  }

  private Outcome charge(long pages, AccountView view, int tasks) {
    Ledger ledger = new JournaledLedger(1);
    Map<Account, Long> charged = new LinkedHashMap<>();
    Set<String> liftedBy = new LinkedHashSet<>();
    Set<Payer> payers = new HashSet<>();
    int buffers = 0;
    for (int i = 0; i < tasks; i++) {
      TaskIdentity tracee = prospect.tracees().get(i % prospect.tracees().size());
      if (isPaidFor(tracee, payers)) {
        continue;
      }
      ChargePlan.Admitted plan;
      try {
        ChargeRequest one =
            new ChargeRequest(prospect.tracer(), tracee, pages, request.chargeOther());
        plan = ledger.reserve(policy, one, view, "planned buffer").plan();
      } catch (ChargeRefusedException refused) {
        return new Outcome(charged, buffers, liftedBy, refused.refusal());
      }
      buffers++;
      for (Charge charge : plan.charges()) {
        charged.merge(charge.account(), charge.pages(), Math::addExact);
      }
      if (!plan.liftedBy().isEmpty()) {
        liftedBy.add(plan.liftedBy());
      }
      payers.add(Payer.of(plan.charges()));
    }
    return new Outcome(charged, buffers, liftedBy, null);
  }

  private boolean isPaidFor(TaskIdentity tracee, Set<Payer> payers) {
    return !prospect.mechanism().recordsIntoPerfRing()
        && Payer.of(policy, prospect.tracer(), tracee, request.chargeOther())
            .filter(payers::contains)
            .isPresent();
  }
}
