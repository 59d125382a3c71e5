package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.TaskIdentity;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The places where pages can be had, and which of them makes the kernel charge just what a plan
 * says.
 */
public final class KernelPlaces {
  private final @Nullable RemoteCalls tracee;
  private final KernelAccounts accounts;

  /**
   * Creates the places of a tracer.
   *
   * @param tracee executes calls in the tracee, null where it can execute none
   * @param strict whether charges are made without CAP_IPC_LOCK
   */
  public KernelPlaces(@Nullable RemoteCalls tracee, boolean strict) {
    this.tracee = tracee;
    this.accounts = new KernelAccounts(strict);
  }

  /** Returns the kernel's counters, as policies see them for these places. */
  public KernelAccounts accounts() {
    return accounts;
  }

  /**
   * Allocates memory for which the kernel charges what the plan says.
   *
   * @param policy the name of the policy that made the plan, for messages
   * @throws InvalidRequestException if there is no such place
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   */
  public BufferMemory allocate(String policy, ChargeRequest request, ChargePlan.Admitted plan) {
    long pages = request.pages();
    Set<Account> payers = new HashSet<>();
    for (Charge charge : plan.charges()) {
      if (charge.pages() != pages) {
        throw noPlace(policy, plan);
      }
      payers.add(charge.account());
    }
    if (pages == 0) {
      return NoMemory.INSTANCE;
    }
    TaskIdentity tracer = request.tracer();
    if (payers.equals(addressSpace(tracer))) {
      return TracerMemory.allocate(new PageOrder(policy, tracer, pages, accounts));
    }
    if (payers.equals(addressSpace(request.tracee()))) {
      RemoteCalls calls = tracee;
      if (calls == null || calls.pid() != request.tracee().mm().pid()) {
        throw noPlace(policy, plan);
      }
      return TraceeMemory.allocate(new PageOrder(policy, request.tracee(), pages, accounts), calls);
    }
    if (payers.equals(Set.of(Account.userMemlock(tracer.principal())))) {
      return UserMemory.allocate(new PageOrder(policy, tracer, pages, accounts));
    }
    if (payers.equals(groups(tracer))) {
      Account own = Account.groupMemory(tracer.group());
      PageOrder order = new PageOrder(policy, tracer, pages, accounts);
      return GroupMemory.allocate(order, KernelAccounts.memoryController(own));
    }
    throw noPlace(policy, plan);
  }

  /** What pages that are filled in a group are charged to. */
  private static Set<Account> groups(TaskIdentity task) {
    return task.group().levels().stream()
        .map(Account::groupMemory)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** What locked mappings are charged to. */
  private static Set<Account> addressSpace(TaskIdentity task) {
    return Set.of(Account.totalVm(task.mm()), Account.lockedVm(task.mm()));
  }

  private static InvalidRequestException noPlace(String policy, ChargePlan.Admitted plan) {
    List<String> charges = plan.charges().stream().map(Charge::toString).toList();
    return new InvalidRequestException(
        new Explanation(
            "charge " + String.join(" and ", charges) + " by policy '" + policy + "'",
            "there is no memory for which the kernel charges just that: it charges all pages to"
                + " total_vm and locked_vm of the tracer, to total_vm and locked_vm of a tracee that"
                + " executes calls, to the memlock of the tracer's user, or to the memory of the"
                + " tracer's control group and all above it",
            "choose a policy that charges one of these"));
  }
}
