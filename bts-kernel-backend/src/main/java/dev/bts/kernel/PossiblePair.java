package dev.bts.kernel;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.kernel.memory.KernelTasks;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Whether a mechanism records into memory that can be charged as a policy wants. */
final class PossiblePair {
  /** What the kernel charges for the ring and AUX buffers of perf, and for nothing else of bts. */
  private static final Set<Account.Kind> PERF_KINDS =
      EnumSet.of(Account.Kind.USER_PERF, Account.Kind.PINNED_VM);

  private PossiblePair() {}

  /**
   * Refuses a pair that cannot be, before anything is started. What a policy charges is asked of
   * the policy itself, for a page on accounts that are all free; this process stands for the
   * tracee, which there may not be yet.
   *
   * @throws InvalidRequestException if the policy charges accounts that the kernel charges for
   *     perf's buffers only, and the mechanism has none
   */
  static void require(Mechanism mechanism, ChargingPolicy policy) {
    if (!recordsIntoOwnMemory(mechanism)) {
      return;
    }
    TaskIdentity self = KernelTasks.self();
    ChargePlan plan = policy.plan(new ChargeRequest(self, self, 1, false), AccountView.BOUNDLESS);
    if (!(plan instanceof ChargePlan.Admitted admitted)) {
      return;
    }
    Explanation obstacle = obstacle(mechanism, policy.name(), admitted);
    if (obstacle != null) {
      throw new InvalidRequestException(obstacle);
    }
  }

  /** Returns why a mechanism's memory cannot be charged as planned, null if it can. */
  static @Nullable Explanation obstacle(
      Mechanism mechanism, String policy, ChargePlan.Admitted plan) {
    Set<String> impossible = new TreeSet<>();
    for (Charge charge : plan.charges()) {
      if (PERF_KINDS.contains(charge.account().kind())) {
        impossible.add(charge.account().kind().counter());
      }
    }
    if (impossible.isEmpty() || !recordsIntoOwnMemory(mechanism)) {
      return null;
    }
    return new Explanation(
        "trace by " + mechanism + " and charge by policy '" + policy + "'",
        "the policy charges "
            + String.join(" and ", impossible)
            + ": the kernel charges these to who maps the ring and AUX buffers of perf, which"
            + " belong to the kernel; "
            + mechanism
            + " records into memory of its own",
        "choose --charge tracer, tracee, user or cgroup");
  }

  private static boolean recordsIntoOwnMemory(Mechanism mechanism) {
    return switch (mechanism) {
      case SOFTWARE_BTS, BLOCK_STEP, SINGLE_STEP -> true;
      case INTEL_BTS, LBR, SIMULATED, NONE -> false;
    };
  }
}
