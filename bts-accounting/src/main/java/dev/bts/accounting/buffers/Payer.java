package dev.bts.accounting.buffers;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who pays for a buffer: the accounts that are charged for it. Tracees that have the same payer
 * share a buffer.
 */
public record Payer(Set<Account> accounts) {
  /** Copies. */
  public Payer {
    accounts = Set.copyOf(accounts);
  }

  /** Returns who pays these charges. */
  public static Payer of(List<Charge> charges) {
    return new Payer(charges.stream().map(Charge::account).collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * Returns who would pay for a tracee, told by what the policy plans where everything is free;
   * empty if the policy would let nobody pay.
   */
  public static Optional<Payer> of(
      ChargingPolicy policy, TaskIdentity tracer, TaskIdentity tracee, boolean chargeOther) {
    ChargeRequest onePage = new ChargeRequest(tracer, tracee, 1, chargeOther);
    return policy.plan(onePage, AccountView.BOUNDLESS) instanceof ChargePlan.Admitted plan
        ? Optional.of(of(plan.charges()))
        : Optional.empty();
  }

  /** Returns whether this owner has one of the accounts. */
  boolean includes(AccountOwner owner) {
    return accounts.stream().anyMatch(account -> account.owner().equals(owner));
  }
}
