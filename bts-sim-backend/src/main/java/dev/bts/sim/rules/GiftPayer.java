package dev.bts.sim.rules;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;
import java.util.List;
import java.util.Locale;

/**
 * How perf has computed what a user's gift (perf_event_mlock_kb) covers and what the address space
 * pays. The right computation is {@link dev.bts.accounting.PerfPays}.
 *
 * @param formula which of the computations
 */
record GiftPayer(Formula formula) implements ChargingPolicy {
  /** The computations, in the order of time. */
  enum Formula {
    /**
     * Each buffer has a gift of its own, and what is given is on no counter (before 789f90fcf6b).
     */
    PER_BUFFER,
    /**
     * The user's counter has all pages, and pinned_vm the excess once more (before d44248a41337).
     */
    CUMULATIVE,
    /**
     * What is used beyond a lowered gift is charged again (before 003461559ef7). The kernel's user
     * part became negative; a plan cannot say that, so this is the half that pinned_vm sees.
     */
    UNCLAMPED,
    /** The gift is on the counter that other subsystems hold against RLIMIT_MEMLOCK. */
    SHARED_COUNTER
  }

  @Override
  public String name() {
    return "perf, gift " + formula.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    Account perf = Account.userPerf(request.tracer().principal());
    Account user =
        formula == Formula.SHARED_COUNTER
            ? Account.userMemlock(request.tracer().principal())
            : perf;
    Account pinned = Account.pinnedVm(request.tracer().mm());
    long pages = request.pages();
    long gift = view.limitPages(perf, request.tracer());
    long used = formula == Formula.PER_BUFFER ? 0 : view.usedPages(user);
    long counted = formula == Formula.SHARED_COUNTER ? Math.min(used, gift) : used;
    long excess = Math.max(0, counted + pages - gift);
    long given =
        switch (formula) {
          case PER_BUFFER -> 0;
          case CUMULATIVE -> pages;
          case UNCLAMPED, SHARED_COUNTER -> Math.max(0, pages - excess);
        };
    long limit = view.limitPages(pinned, request.tracer());
    long usedPinned = view.usedPages(pinned);
    if (Long.compareUnsigned(usedPinned + excess, limit) > 0) {
      return new ChargePlan.Refused(Refusal.overLimit(name(), pinned, excess, usedPinned, limit));
    }
    return new ChargePlan.Admitted(
        List.of(new Charge(user, given), new Charge(pinned, excess)), "");
  }
}
