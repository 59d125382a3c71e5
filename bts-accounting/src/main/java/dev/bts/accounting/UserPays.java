package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
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
    TaskIdentity tracer = request.tracer();
    List<Account> accounts = List.of(Account.userMemlock(tracer.principal()));
    return Limits.chargeAll(NAME, accounts, tracer, request, view);
  }
}
