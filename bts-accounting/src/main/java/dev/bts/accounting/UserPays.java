package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;
import java.util.List;

/**
 * The policy {@code user}: the tracer's real user pays, one pool for all its processes, under the
 * RLIMIT_MEMLOCK of the charging call (mm/mlock.c, user_shm_lock).
 */
public final class UserPays implements ChargingPolicy {
  /** The policy's name. */
  public static final String NAME = "user";

  /** Creates the policy; it has no state. */
  public UserPays() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    Account account = Account.userMemlock(request.tracer().principal());
    boolean within = Limits.fits(account, request.tracer(), request.pages(), view);
    if (!within && !view.mayExceedMemlock(request.tracer())) {
      return new ChargePlan.Refused(
          Refusal.overLimit(
              NAME,
              account,
              request.pages(),
              view.usedPages(account),
              view.limitPages(account, request.tracer())));
    }
    return new ChargePlan.Admitted(
        List.of(new Charge(account, request.pages())), within ? "" : Limits.CAP_IPC_LOCK);
  }
}
