package dev.bts.sim.rules;

import dev.bts.api.charging.ChargingPolicy;
import java.util.EnumSet;
import java.util.Set;

/**
 * The rules of bts itself, for any charging policy: sessions reserve, commit and refund by receipts
 * as {@link dev.bts.accounting.JournaledLedger} does, the pages lie in the address space that pays
 * or in the tracer, and the books of a tracing process end with it.
 */
public final class PolicyRules {
  private static final Set<OperationKind> OPERATIONS =
      EnumSet.of(
          OperationKind.ATTACH,
          OperationKind.RESERVE,
          OperationKind.COMMIT,
          OperationKind.CANCEL,
          OperationKind.FREE,
          OperationKind.DETACH,
          OperationKind.RECLAIM,
          OperationKind.HAND_OVER,
          OperationKind.KILL,
          OperationKind.REAP,
          OperationKind.EXEC,
          OperationKind.FORK,
          OperationKind.FORK_TRACED,
          OperationKind.CLONE,
          OperationKind.SET_USER,
          OperationKind.ENTER_NAMESPACE,
          OperationKind.MOVE,
          OperationKind.REMOVE_GROUP,
          OperationKind.MAKE_GROUP,
          OperationKind.LOWER_LIMIT,
          OperationKind.LOWER_GIFT,
          OperationKind.LOCK_PAGE,
          OperationKind.UNLOCK_PAGE);

  private PolicyRules() {}

  /** Returns the rules of bts with a policy. */
  public static Rules of(ChargingPolicy policy) {
    return Rules.sound(
            policy.name(),
            "bts with the policy '" + policy.name() + "'",
            Family.SESSION,
            OPERATIONS,
            policy)
        .with(
            Admission.TWO_PHASE, Orphans.FOUND, Ending.TRACER_EXIT.then(Pages.KEPT, Refund.NOBODY));
  }
}
