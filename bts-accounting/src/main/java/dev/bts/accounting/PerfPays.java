package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;

/**
 * The policy {@code perf}: the tracer's user pays from perf's gift (perf_event_mlock_kb times
 * online CPUs, used by perf and io_uring), and what is beyond it the pinned_vm of the tracer, under
 * its RLIMIT_MEMLOCK. Computed as perf_mmap() does (kernel/events/core.c).
 */
public final class PerfPays implements ChargingPolicy {
  /** The policy's name. */
  public static final String NAME = "perf";

  /** Creates the policy; it has no state. */
  public PerfPays() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    TaskIdentity tracer = request.tracer();
    Account user = Account.userPerf(tracer.principal());
    Account pinned = Account.pinnedVm(tracer.mm());
    long giftLeft = giftLeft(user, tracer, view);
    long fromGift = Math.min(request.pages(), giftLeft);
    long excess = request.pages() - fromGift;
    String liftedBy = "";
    // Tested without excess too: while pinned_vm is over a lowered limit, perf grows nothing.
    if (request.pages() > 0 && Limits.exceeds(pinned, tracer, excess, view)) {
      liftedBy = view.liftedBy(pinned, tracer).orElse("");
      if (liftedBy.isEmpty()) {
        return new ChargePlan.Refused(refusal(pinned, tracer, excess, giftLeft, view));
      }
    }
    return new ChargePlan.Admitted(
        List.of(new Charge(user, fromGift), new Charge(pinned, excess)), liftedBy);
  }

  /** What is used beyond the gift, by io_uring or before the gift was lowered, counts as all. */
  private static long giftLeft(Account user, TaskIdentity tracer, AccountView view) {
    long gift = view.limitPages(user, tracer);
    long used = view.usedPages(user);
    return Long.compareUnsigned(used, gift) > 0 ? 0 : gift - used;
  }

  private static Refusal refusal(
      Account pinned, TaskIdentity tracer, long excess, long giftLeft, AccountView view) {
    long used = view.usedPages(pinned);
    long limit = view.limitPages(pinned, tracer);
    // A counter over its limit, or below zero, lets nothing pass, the gift neither.
    long fitting = Long.compareUnsigned(used, limit) > 0 ? 0 : giftLeft + (limit - used);
    return Refusal.overLimit(NAME, pinned, excess, used, limit, fitting)
        .withReason(giftLeft + " pages are left of perf's gift (perf_event_mlock_kb)");
  }
}
