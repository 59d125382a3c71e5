package dev.bts.accounting.plan;

import dev.bts.api.Explanation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What would happen under one policy.
 *
 * @param policy its name
 * @param verdict whether it fits
 * @param reasons why it does not fit, is impossible or not known; empty if it fits
 * @param bufferPages the size of each buffer: what was asked, or what {@code auto} would take
 * @param buffers how many buffers the session needs: one for each payer, and one for each thread
 *     where the kernel writes into rings of its own
 * @param granted how many of them would be granted, before the first refusal
 * @param largestPages the size up to which all buffers would be granted and, if there is such a
 *     size, all processes translated; where something is not known, no more than this; 0 if not
 *     even a page
 * @param liftedBy the capabilities that would lift limits, empty if none would
 * @param largestLiftedBy the capabilities that would lift limits for the largest size
 * @param accounts what is charged, before the first refusal; if the first buffer is refused, what
 *     it would be charged to
 * @param translation how many processes would be translated
 */
public record PolicyPlan(
    String policy,
    Verdict verdict,
    List<Explanation> reasons,
    long bufferPages,
    int buffers,
    int granted,
    long largestPages,
    List<String> liftedBy,
    List<String> largestLiftedBy,
    List<AccountUse> accounts,
    Translation translation) {
  /**
   * The translated code of the traced processes, which is charged like the buffers.
   *
   * @param pages what it takes for each process at least, 0 where nothing is translated; it grows
   *     with the code that a process runs
   * @param processes how many would be translated if there were no limits
   * @param granted how many would be; the others are single-stepped
   * @param refusal why the others are not, null if all are
   */
  public record Translation(long pages, int processes, int granted, @Nullable Explanation refusal) {
    static final Translation NONE = new Translation(0, 0, 0, null);
  }

  /** Copies. */
  public PolicyPlan {
    reasons = List.copyOf(reasons);
    liftedBy = List.copyOf(liftedBy);
    largestLiftedBy = List.copyOf(largestLiftedBy);
    accounts = List.copyOf(accounts);
  }
}
