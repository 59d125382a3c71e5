package dev.bts.api.plan;

import dev.bts.api.Explanation;
import dev.bts.api.Mechanism;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session that has not started, as a backend sees it: who would be involved, and the accounts
 * that could pay.
 *
 * <p>Of what is not there yet nothing is invented: the view throws a {@link
 * dev.bts.api.BtsException} with the reason where it cannot know a use or a limit, and what it
 * takes for granted is among the assumptions.
 *
 * @param mechanism how branches would be seen
 * @param unavailable why the backend would not trace so here, null if it would
 * @param tracer the task that would trace
 * @param tracees the first task of each process that would be traced, in order, at least one
 * @param accounts uses and limits, read when asked
 * @param places what memory the backend has
 * @param assumptions what is taken for granted, a sentence each
 * @param translationPages what has to be charged for each process besides the buffers before its
 *     code can be translated, 0 where none is; a process for which that is refused is
 *     single-stepped
 */
public record Prospect(
    Mechanism mechanism,
    @Nullable Explanation unavailable,
    TaskIdentity tracer,
    List<TaskIdentity> tracees,
    AccountView accounts,
    Places places,
    List<String> assumptions,
    long translationPages) {
  /** Copies. */
  public Prospect {
    tracees = List.copyOf(tracees);
    assumptions = List.copyOf(assumptions);
    if (tracees.isEmpty()) {
      throw new IllegalArgumentException("no tracee");
    }
  }

  /** Tells for which plans a backend has memory. */
  @FunctionalInterface
  public interface Places {
    /**
     * Returns why there is no memory for which the accounts of a plan are charged, null if there
     * is.
     *
     * @param policy the name of the policy that made the plan
     */
    @Nullable Explanation obstacle(String policy, ChargeRequest request, ChargePlan.Admitted plan);
  }
}
