package dev.bts.sim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.Policies;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.sim.rules.Admission;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Choice;
import dev.bts.sim.rules.Ending;
import dev.bts.sim.rules.Failure;
import dev.bts.sim.rules.OperationKind;
import dev.bts.sim.rules.Orphans;
import dev.bts.sim.rules.Pages;
import dev.bts.sim.rules.PolicyRules;
import dev.bts.sim.rules.Refund;
import dev.bts.sim.rules.Rules;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes put into sound policies and into the lifecycle of sessions: each must be found. */
class MutantsTest {
  private static final Bounds BOUNDS = Bounds.SMALL.withActors(3, 2);

  /** A policy with a mistake. */
  private record Mutant(
      String name, ChargingPolicy of, BiFunction<ChargeRequest, AccountView, ChargePlan> mistake)
      implements ChargingPolicy {
    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      return mistake.apply(request, view);
    }
  }

  /** A view that is the same but for what a subclass changes. */
  private static class Altered implements AccountView {
    private final AccountView view;

    Altered(AccountView view) {
      this.view = view;
    }

    @Override
    public long usedPages(Account account) {
      return view.usedPages(account);
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      return view.limitPages(account, charger);
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return view.liftedBy(account, charger);
    }
  }

  private static ChargePlan charging(ChargePlan plan, long more) {
    if (plan instanceof ChargePlan.Admitted admitted) {
      return new ChargePlan.Admitted(
          admitted.charges().stream()
              .map(charge -> new Charge(charge.account(), Math.max(0, charge.pages() + more)))
              .toList(),
          admitted.liftedBy());
    }
    return plan;
  }

  private static Stream<Mutant> mutantsOf(ChargingPolicy policy) {
    String name = policy.name() + ", but ";
    return Stream.of(
        new Mutant(
            name + "looks at no limit",
            policy,
            (request, view) ->
                policy.plan(
                    request,
                    new Altered(view) {
                      @Override
                      public long limitPages(Account account, TaskIdentity charger) {
                        return UNLIMITED;
                      }
                    })),
        new Mutant(
            name + "does not see what is used",
            policy,
            (request, view) ->
                policy.plan(
                    request,
                    new Altered(view) {
                      @Override
                      public long usedPages(Account account) {
                        return 0;
                      }
                    })),
        new Mutant(
            name + "takes everybody for capable",
            policy,
            (request, view) ->
                policy.plan(
                    request,
                    new Altered(view) {
                      @Override
                      public Optional<String> liftedBy(Account account, TaskIdentity charger) {
                        return Optional.of(Account.CAP_IPC_LOCK);
                      }
                    })),
        new Mutant(
            name + "admits one page too many",
            policy,
            (request, view) ->
                policy.plan(
                    request,
                    new Altered(view) {
                      @Override
                      public long limitPages(Account account, TaskIdentity charger) {
                        return super.limitPages(account, charger) + 1;
                      }
                    })),
        new Mutant(
            name + "charges a page too few",
            policy,
            (request, view) -> charging(policy.plan(request, view), -1)),
        new Mutant(
            name + "charges a page too many",
            policy,
            (request, view) -> charging(policy.plan(request, view), 1)),
        new Mutant(
            name + "charges nobody",
            policy,
            (request, view) ->
                policy.plan(request, view) instanceof ChargePlan.Refused refused
                    ? refused
                    : new ChargePlan.Admitted(List.of(), "")));
  }

  static Stream<ChargingPolicy> policies() {
    ChargingPolicy tracer = Policies.named("tracer");
    Mutant wrongPayer =
        new Mutant(
            "tracer, but the tracee pays",
            tracer,
            (request, view) ->
                tracer.plan(
                    new ChargeRequest(request.tracee(), request.tracer(), request.pages(), false),
                    view));
    return Stream.concat(
        Stream.of(wrongPayer),
        Stream.of("tracee", "tracer", "user").flatMap(name -> mutantsOf(Policies.named(name))));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aMistakenPolicyIsFound(ChargingPolicy mutant) {
    Exploration found = Explorer.explore(Search.of(PolicyRules.of(mutant), BOUNDS));
    assertThat(found.verdict()).as(mutant.name()).isEqualTo(Exploration.Verdict.BROKEN);
  }

  /** A mistake in the lifecycle, and the policy under which it matters. */
  private record Lifecycle(String policy, Choice mistake) {
    Rules rules() {
      Rules rules = PolicyRules.of(Policies.named(policy)).with(mistake);
      if (mistake.facet() != Failure.UNWIND.facet()) {
        return rules;
      }
      Set<OperationKind> operations = rules.operations();
      operations.add(OperationKind.ALLOCATE_FAILS);
      return rules.operating(operations);
    }
  }

  static Stream<Lifecycle> lifecycles() {
    return Stream.of(
        new Lifecycle("tracer", Admission.CHECK_THEN_ADD),
        new Lifecycle("user", Admission.CHECK_THEN_ADD),
        new Lifecycle("tracer", Failure.KEEP_CHARGE),
        new Lifecycle("tracer", Failure.KEEP_PAGES),
        new Lifecycle("tracer", Failure.IGNORE),
        new Lifecycle("tracee", Orphans.STRANDED),
        new Lifecycle("tracer", Ending.RESIZE.then(Pages.FREED, Refund.NOBODY)),
        new Lifecycle("tracer", Ending.RESIZE.then(Pages.KEPT, Refund.PAYER)),
        new Lifecycle("tracee", Ending.RESIZE.then(Pages.FREED, Refund.CURRENT)),
        new Lifecycle("user", Ending.RESIZE.then(Pages.FREED, Refund.CURRENT)),
        new Lifecycle("tracer", Ending.DETACH.then(Pages.FREED, Refund.NOBODY)),
        new Lifecycle("tracee", Ending.DETACH.then(Pages.FREED, Refund.CURRENT)),
        new Lifecycle("user", Ending.DETACH.then(Pages.FREED, Refund.CURRENT)),
        new Lifecycle("user", Ending.UNMAP.then(Pages.FREED, Refund.NOBODY)),
        new Lifecycle("user", Ending.UNMAP.then(Pages.KEPT, Refund.PAYER)),
        new Lifecycle("tracee", Ending.TRACER_EXIT.then(Pages.FREED, Refund.NOBODY)),
        new Lifecycle("tracee", Ending.TRACER_EXIT.then(Pages.KEPT, Refund.PAYER)),
        new Lifecycle("tracer", Ending.TRACEE_EXIT.then(Pages.FREED, Refund.NOBODY)),
        new Lifecycle("tracer", Ending.REAP.then(Pages.FREED, Refund.NOBODY)),
        new Lifecycle("user", Ending.REAP.then(Pages.FREED, Refund.CURRENT)));
  }

  @ParameterizedTest
  @MethodSource("lifecycles")
  void aMistakeInTheLifecycleIsFound(Lifecycle mutant) {
    Exploration found = Explorer.explore(Search.of(mutant.rules(), BOUNDS));
    assertThat(found.verdict()).as(mutant.toString()).isEqualTo(Exploration.Verdict.BROKEN);
  }
}
