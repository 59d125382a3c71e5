package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;

/**
 * The policy {@code cgroup}: the tracer's memory control group pays, and with it every group above,
 * each under its own memory limit, which no capability lifts (mm/memcontrol.c, try_charge).
 */
public final class GroupPays implements ChargingPolicy {
  /** The policy's name. */
  public static final String NAME = "cgroup";

  /** Creates the policy; it has no state. */
  public GroupPays() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    TaskIdentity tracer = request.tracer();
    List<Account> accounts = tracer.group().levels().stream().map(Account::groupMemory).toList();
    return Limits.chargeAll(NAME, accounts, tracer, request, view);
  }
}
