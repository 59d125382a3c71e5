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
  /** Where pages can lie. */
  private enum Place {
    /** There are none. */
    NOWHERE,
    /** Locked in the tracer's address space. */
    TRACER,
    /** Locked in the tracee's address space. */
    TRACEE,
    /** In a System V segment of the tracer's user. */
    USER,
    /** Filled on behalf of the tracer's control group. */
    GROUP
  }

  private final @Nullable RemoteCalls tracee;
  private final @Nullable TraceePlace shared;
  private final KernelAccounts accounts;

  /**
   * Creates the places of a tracer.
   *
   * @param tracee executes calls in the tracee, null where it can execute none
   * @param strict whether charges are made without CAP_IPC_LOCK
   */
  public KernelPlaces(@Nullable RemoteCalls tracee, boolean strict) {
    this(tracee, null, strict);
  }

  /**
   * Creates the places for memory that a tracee uses as well.
   *
   * @param shared where it is to have it
   */
  public static KernelPlaces sharedWith(RemoteCalls tracee, TraceePlace shared, boolean strict) {
    return new KernelPlaces(tracee, shared, strict);
  }

  private KernelPlaces(@Nullable RemoteCalls tracee, @Nullable TraceePlace shared, boolean strict) {
    this.tracee = tracee;
    this.shared = shared;
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
    Place place = place(request, plan);
    if (place == null) {
      throw new InvalidRequestException(noPlace(policy, plan));
    }
    if (shared != null && tracee != null) {
      return allocateShared(policy, request, place, tracee, shared);
    }
    TaskIdentity tracer = request.tracer();
    long pages = request.pages();
    return switch (place) {
      case NOWHERE -> NoMemory.INSTANCE;
      case TRACER -> TracerMemory.allocate(new PageOrder(policy, tracer, pages, accounts));
      case USER -> UserMemory.allocate(new PageOrder(policy, tracer, pages, accounts));
      case GROUP ->
          GroupMemory.allocate(
              new PageOrder(policy, tracer, pages, accounts),
              KernelAccounts.memoryController(Account.groupMemory(tracer.group())));
      case TRACEE -> {
        RemoteCalls calls = tracee;
        if (calls == null || !calls.workOnMemoryOf(request.tracee().mm().pid())) {
          throw new InvalidRequestException(noPlace(policy, plan));
        }
        yield TraceeMemory.allocate(
            new PageOrder(policy, request.tracee(), pages, accounts), calls);
      }
    };
  }

  private BufferMemory allocateShared(
      String policy, ChargeRequest request, Place place, RemoteCalls calls, TraceePlace where) {
    TaskIdentity payer = place == Place.TRACEE ? request.tracee() : request.tracer();
    PageOrder order = new PageOrder(policy, payer, request.pages(), accounts);
    return switch (place) {
      case NOWHERE ->
          throw new InvalidRequestException(
              new Explanation(
                  "share memory with the tracee that policy '" + policy + "' charges",
                  "the policy charges for no page",
                  "choose another policy, or single-step"));
      case TRACER -> SharedMemory.allocate(order, calls, where, SharedMemory.Payer.TRACER);
      case TRACEE -> SharedMemory.allocate(order, calls, where, SharedMemory.Payer.TRACEE);
      case GROUP -> SharedMemory.allocate(order, calls, where, SharedMemory.Payer.GROUP);
      case USER -> UserMemory.allocate(order, calls, where);
    };
  }

  /**
   * Returns why there is no memory for which the kernel charges what a plan says, null if there is,
   * given a tracee that can execute calls.
   *
   * @param policy the name of the policy that made the plan, for the message
   */
  public static @Nullable Explanation obstacle(
      String policy, ChargeRequest request, ChargePlan.Admitted plan) {
    return place(request, plan) == null ? noPlace(policy, plan) : null;
  }

  private static @Nullable Place place(ChargeRequest request, ChargePlan.Admitted plan) {
    Set<Account> payers = new HashSet<>();
    for (Charge charge : plan.charges()) {
      if (charge.pages() != request.pages()) {
        return null;
      }
      payers.add(charge.account());
    }
    if (request.pages() == 0) {
      return Place.NOWHERE;
    }
    TaskIdentity tracer = request.tracer();
    if (payers.equals(addressSpace(tracer))) {
      return Place.TRACER;
    }
    if (payers.equals(addressSpace(request.tracee()))) {
      return Place.TRACEE;
    }
    if (payers.equals(Set.of(Account.userMemlock(tracer.principal())))) {
      return Place.USER;
    }
    return payers.equals(groups(tracer)) ? Place.GROUP : null;
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

  private static Explanation noPlace(String policy, ChargePlan.Admitted plan) {
    List<String> charges = plan.charges().stream().map(Charge::toString).toList();
    return new Explanation(
        "charge " + String.join(" and ", charges) + " by policy '" + policy + "'",
        "there is no memory for which the kernel charges just that: it charges all pages to"
            + " total_vm and locked_vm of the tracer, to total_vm and locked_vm of a tracee that"
            + " executes calls, to the memlock of the tracer's user, or to the memory of the"
            + " tracer's control group and all above it",
        "choose a policy that charges one of these");
  }
}
