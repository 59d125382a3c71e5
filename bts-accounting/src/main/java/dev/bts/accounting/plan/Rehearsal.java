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
import java.util.List;
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
   * @param translated for how many processes translated code was charged as well
   * @param liftedBy the capabilities that lifted limits
   * @param refusal why there are no more buffers, null if all were charged
   * @param untranslated why some process is not translated, null if all are, or none would be
   */
  record Outcome(
      Map<Account, Long> charged,
      int buffers,
      int translated,
      Set<String> liftedBy,
      @Nullable Refusal refusal,
      @Nullable Refusal untranslated) {
    /** Returns whether everything was charged that a session would like to have. */
    boolean isComplete() {
      return refusal == null && untranslated == null;
    }
  }

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

  /** The charges of one rehearsal. */
  private final class Course {
    private final Ledger ledger = new JournaledLedger(1);
    private final AccountView view;
    private final Map<Account, Long> charged = new LinkedHashMap<>();
    private final Set<String> liftedBy = new LinkedHashSet<>();
    private int buffers;
    private int translated;

    Course(AccountView view) {
      this.view = view;
    }

    List<Charge> charge(TaskIdentity tracee, long pages) {
      ChargeRequest one =
          new ChargeRequest(prospect.tracer(), tracee, pages, request.chargeOther());
      ChargePlan.Admitted plan = ledger.reserve(policy, one, view, "planned").plan();
      for (Charge charge : plan.charges()) {
        charged.merge(charge.account(), charge.pages(), Math::addExact);
      }
      if (!plan.liftedBy().isEmpty()) {
        liftedBy.add(plan.liftedBy());
      }
      return plan.charges();
    }

    Outcome end(@Nullable Refusal refusal, @Nullable Refusal untranslated) {
      return new Outcome(charged, buffers, translated, liftedBy, refusal, untranslated);
    }
  }

  private Outcome charge(long pages, AccountView view, int tasks) {
    Course course = new Course(view);
    Set<Payer> payers = new HashSet<>();
    for (int i = 0; i < tasks; i++) {
      TaskIdentity tracee = prospect.tracees().get(i % prospect.tracees().size());
      if (!isPaidFor(tracee, payers)) {
        try {
          payers.add(Payer.of(course.charge(tracee, pages)));
        } catch (ChargeRefusedException refused) {
          return course.end(refused.refusal(), null);
        }
        course.buffers++;
      }
    }
    return course.end(null, translate(course, tasks));
  }

  /** Charges what each process's translated code takes at least; returns a refusal, if any. */
  private @Nullable Refusal translate(Course course, int processes) {
    Refusal untranslated = null;
    for (int i = 0; i < processes && prospect.translationPages() > 0; i++) {
      try {
        course.charge(prospect.tracees().get(i), prospect.translationPages());
        course.translated++;
      } catch (ChargeRefusedException refused) {
        untranslated = refused.refusal().ofTranslatedCode();
      }
    }
    return untranslated;
  }

  private boolean isPaidFor(TaskIdentity tracee, Set<Payer> payers) {
    return !prospect.mechanism().recordsIntoPerfRing()
        && Payer.of(policy, prospect.tracer(), tracee, request.chargeOther())
            .filter(payers::contains)
            .isPresent();
  }
}
