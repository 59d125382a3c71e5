package dev.bts.accounting.plan;

import dev.bts.api.BufferSpec;
import dev.bts.api.Explanation;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers, before anything starts, who would pay for a session's buffers, whether they fit, and up
 * to which size they would.
 *
 * <p>A pure function of request, prospect and policies, as far as the prospect's view is one. The
 * answer holds while nobody else moves the accounts, and says nothing of memory that is free.
 *
 * <pre>{@code
 * Prospect prospect = BranchTracers.named("kernel").prospect(request);
 * List<PolicyPlan> plans = Planner.plan(request, prospect, Policies.all());
 * }</pre>
 */
public final class Planner {
  private static final long MAX_PAGES = BufferSpec.MAX_BYTES / BufferSpec.PAGE_BYTES;
  private static final long AUTO_PAGES = BufferSpec.AUTO_BYTES / BufferSpec.PAGE_BYTES;

  private static final Set<Account.Kind> RING_ACCOUNTS =
      EnumSet.of(Account.Kind.USER_PERF, Account.Kind.PINNED_VM);

  private final PlanRequest request;
  private final Prospect prospect;
  private final Readings readings;

  private Planner(PlanRequest request, Prospect prospect) {
    this.request = request;
    this.prospect = prospect;
    this.readings = new Readings(prospect.accounts());
  }

  /** Returns what would happen under each policy, in their order. */
  public static List<PolicyPlan> plan(
      PlanRequest request, Prospect prospect, List<ChargingPolicy> policies) {
    Planner planner = new Planner(request, prospect);
    return policies.stream().map(planner::plan).toList();
  }

  private PolicyPlan plan(ChargingPolicy policy) {
    Rehearsal rehearsal = new Rehearsal(policy, request, prospect);
    Readings.BestCase view = readings.bestCase();
    long pages = bufferPages(rehearsal, view);
    Explanation obstacle = obstacle(policy, pages);
    if (obstacle != null) {
      return new PolicyPlan(
          policy.name(),
          Verdict.IMPOSSIBLE,
          List.of(obstacle),
          pages,
          0,
          0,
          0,
          List.of(),
          List.of(),
          List.of(),
          PolicyPlan.Translation.NONE);
    }
    Rehearsal.Outcome outcome = rehearsal.all(pages, view);
    Rehearsal.Outcome free = rehearsal.all(pages, AccountView.BOUNDLESS);
    long largest = largest(MAX_PAGES, n -> rehearsal.all(n, view).isComplete());
    if (largest == 0) {
      // Nothing leaves room for translated code.
      largest = largest(MAX_PAGES, n -> rehearsal.all(n, view).refusal() == null);
    }
    Refusal refusal = outcome.refusal();
    Set<Explanation> unknown = view.unknown();
    Map<Account, Long> charged = outcome.buffers() > 0 ? outcome.charged() : free.charged();
    return new PolicyPlan(
        policy.name(),
        refusal != null ? Verdict.REFUSED : unknown.isEmpty() ? Verdict.FITS : Verdict.UNKNOWN,
        refusal != null ? List.of(explain(refusal)) : List.copyOf(unknown),
        pages,
        Math.max(free.buffers(), outcome.buffers()),
        outcome.buffers(),
        largest,
        List.copyOf(outcome.liftedBy()),
        largest == 0 ? List.of() : List.copyOf(rehearsal.all(largest, view).liftedBy()),
        uses(charged, view),
        translation(free, outcome));
  }

  private PolicyPlan.Translation translation(Rehearsal.Outcome free, Rehearsal.Outcome outcome) {
    Refusal refusal = outcome.untranslated();
    return new PolicyPlan.Translation(
        prospect.translationPages(),
        free.translated(),
        outcome.translated(),
        refusal == null ? null : explain(refusal));
  }

  /** The size that was asked, or that {@link BufferSpec#AUTO} takes for the first buffer. */
  private long bufferPages(Rehearsal rehearsal, AccountView view) {
    if (request.bufferBytes() != BufferSpec.AUTO) {
      return BufferSpec.pages(request.bufferBytes());
    }
    long fits = largest(AUTO_PAGES, n -> rehearsal.first(n, view).refusal() == null);
    return fits > 0 ? fits : AUTO_PAGES;
  }

  /** Returns a size that fits while a page more does not, 0 if a page does not. */
  private static long largest(long most, LongPredicate fits) {
    if (fits.test(most)) {
      return most;
    }
    long fitting = 0;
    long refused = most;
    while (refused - fitting > 1) {
      long middle = fitting + (refused - fitting) / 2;
      if (fits.test(middle)) {
        fitting = middle;
      } else {
        refused = middle;
      }
    }
    return fitting;
  }

  /** Returns why a policy and a mechanism do not go together, null if they do. */
  private @Nullable Explanation obstacle(ChargingPolicy policy, long pages) {
    ChargeRequest asked =
        new ChargeRequest(
            prospect.tracer(), prospect.tracees().get(0), pages, request.chargeOther());
    if (!(policy.plan(asked, AccountView.BOUNDLESS) instanceof ChargePlan.Admitted plan)) {
      return null;
    }
    if (!prospect.mechanism().recordsIntoPerfRing()) {
      return prospect.places().obstacle(policy.name(), asked, plan);
    }
    if (RING_ACCOUNTS.containsAll(plan.charges().stream().map(c -> c.account().kind()).toList())) {
      return null;
    }
    return new Explanation(
        "charge by policy '" + policy.name() + "' for " + prospect.mechanism(),
        "the kernel owns the ring that it records into, and charges it to the user's perf counter"
            + " and to pinned_vm of who maps it",
        "choose --charge perf, or another --mechanism");
  }

  private Explanation explain(Refusal refusal) {
    Account account = refusal.account();
    return account == null ? refusal.explain() : refusal.explain(payer(account));
  }

  private String payer(Account account) {
    return account.owner().equals(prospect.tracer().mm())
        ? "the tracer"
        : account.owner().toString();
  }

  /** Accounts that are alike become one. */
  private List<AccountUse> uses(Map<Account, Long> charged, Readings.BestCase view) {
    List<AccountUse> uses = new ArrayList<>();
    charged.forEach(
        (account, pages) -> {
          AccountUse use = use(account, pages, view);
          for (int i = 0; i < uses.size(); i++) {
            if (uses.get(i).isLike(use)) {
              uses.set(i, uses.get(i).oneMore());
              return;
            }
          }
          uses.add(use);
        });
    return uses;
  }

  private AccountUse use(Account account, long pages, Readings.BestCase view) {
    TaskIdentity charger = view.charger(account);
    Readings.Reading used = readings.used(account);
    Readings.Reading limit =
        readings.limit(account, charger != null ? charger : owner(account.owner()));
    return new AccountUse(
        account,
        payer(account),
        1,
        used.pages(),
        limit.unknown() == null ? limit.pages() : AccountView.UNLIMITED,
        pages,
        used.unknown(),
        limit.unknown());
  }

  /** A policy that did not ask for a limit is shown what its owner would be held to. */
  private TaskIdentity owner(AccountOwner owner) {
    return prospect.tracees().stream()
        .filter(tracee -> tracee.mm().equals(owner))
        .findFirst()
        .orElse(prospect.tracer());
  }
}
