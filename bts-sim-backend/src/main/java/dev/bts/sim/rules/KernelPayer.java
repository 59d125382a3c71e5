package dev.bts.sim.rules;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.util.ArrayList;
import java.util.List;

/**
 * How most kernels charge: some counters of one task or its user, each under its limit or none. No
 * capability lifts a limit. Immutable.
 *
 * @param name what it is called
 * @param tracee whether the traced task pays, and not the current one
 * @param counters which counters are charged
 * @param checked whether their limits are looked at
 * @param charged whether the pages are added to them
 * @param ancestors whether the same user outside of the user namespace is charged as well
 */
record KernelPayer(
    String name,
    boolean tracee,
    List<Account.Kind> counters,
    boolean checked,
    boolean charged,
    boolean ancestors)
    implements ChargingPolicy {
  /** The current task or its user is charged, within limits. */
  static KernelPayer current(String name, Account.Kind... counters) {
    return new KernelPayer(name, false, List.of(counters), true, true, false);
  }

  /** The traced task is charged, within its limits and whoever it belongs to. */
  static KernelPayer ofTracee(String name, Account.Kind... counters) {
    return new KernelPayer(name, true, List.of(counters), true, true, false);
  }

  /** Nobody is charged, and nothing is looked at. */
  static KernelPayer nobody(String name) {
    return new KernelPayer(name, false, List.of(), false, false, false);
  }

  /** Returns this payer, but no limit is looked at. */
  KernelPayer unchecked() {
    return new KernelPayer(name, tracee, counters, false, charged, ancestors);
  }

  /** Returns this payer, but only the limit is looked at and nothing is charged. */
  KernelPayer uncharged() {
    return new KernelPayer(name + ", not charged", tracee, counters, checked, false, ancestors);
  }

  /** Returns this payer, with the user outside of the user namespace charged as well. */
  KernelPayer withAncestors() {
    return new KernelPayer(name + ", with ancestors", tracee, counters, checked, charged, true);
  }

  @Override
  public ChargePlan plan(ChargeRequest request, AccountView view) {
    TaskIdentity payer = tracee ? request.tracee() : request.tracer();
    List<Account> accounts = new ArrayList<>();
    for (Account.Kind kind : counters) {
      accounts.add(account(kind, payer));
      if (ancestors && payer.principal().userNamespace() != 0) {
        Principal outside = new Principal(0, payer.principal().uid());
        accounts.add(new Account(kind, new AccountOwner.User(outside)));
      }
    }
    List<Charge> charges = new ArrayList<>();
    for (Account account : accounts) {
      long used = view.usedPages(account);
      long limit = view.limitPages(account, payer);
      if (checked && Long.compareUnsigned(used + request.pages(), limit) > 0) {
        return new ChargePlan.Refused(
            Refusal.overLimit(name, account, request.pages(), used, limit));
      }
      charges.add(new Charge(account, charged ? request.pages() : 0));
    }
    return new ChargePlan.Admitted(charges, "");
  }

  private static Account account(Account.Kind kind, TaskIdentity task) {
    return switch (kind) {
      case TOTAL_VM, LOCKED_VM, PINNED_VM -> new Account(kind, task.mm());
      case USER_MEMLOCK, USER_PERF -> new Account(kind, new AccountOwner.User(task.principal()));
      case GROUP_MEMORY -> new Account(kind, task.group());
    };
  }
}
