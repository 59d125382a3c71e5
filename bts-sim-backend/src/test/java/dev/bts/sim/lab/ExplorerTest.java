package dev.bts.sim.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.Policies;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Principal;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.PolicyRules;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplorerTest {
  private static final Bounds BOUNDS = Bounds.SMALL.withBuffers(2, 1).withLimits(1, 0, 1);

  /** A policy that looks at no limit. */
  private static final class Careless implements ChargingPolicy {
    @Override
    public String name() {
      return "careless";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      return new ChargePlan.Admitted(
          List.of(new Charge(Account.lockedVm(request.tracer().mm()), request.pages())), "");
    }
  }

  private static Search search(ChargingPolicy policy) {
    return Search.of(PolicyRules.of(policy), BOUNDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user", "perf", "cgroup"})
  void theShippedPoliciesHold(String policy) {
    Exploration found = Explorer.explore(search(Policies.named(policy)));
    assertThat(found.verdict()).as(found.sentence()).isEqualTo(Exploration.Verdict.HOLDS);
    assertThat(found.states()).isGreaterThan(1_000);
    assertThat(found.sentence()).isEqualTo("holds in all " + found.states() + " reachable states");
  }

  @Test
  void theAnswerDoesNotDependOnTheNumberOfThreads() {
    for (ChargingPolicy policy : List.of(Policies.named("tracer"), new Careless())) {
      Exploration one = Explorer.explore(search(policy).withThreads(1));
      Exploration three = Explorer.explore(search(policy).withThreads(3));
      assertThat(three.states()).isEqualTo(one.states());
      assertThat(three.transitions()).isEqualTo(one.transitions());
      assertThat(three.depth()).isEqualTo(one.depth());
      assertThat(String.valueOf(three.counterexample()))
          .isEqualTo(String.valueOf(one.counterexample()));
    }
  }

  @Test
  void symmetryRemovesStatesAndNoAnswer() {
    Search symmetric = search(Policies.named("tracer"));
    Exploration all = Explorer.explore(symmetric.withoutSymmetry());
    Exploration few = Explorer.explore(symmetric);
    assertThat(all.verdict()).isEqualTo(Exploration.Verdict.HOLDS);
    assertThat(few.states() * 3).isLessThan(all.states());
    Exploration bug = Explorer.explore(search(new Careless()));
    Exploration sameBug = Explorer.explore(search(new Careless()).withoutSymmetry());
    assertThat(bug.counterexample()).isNotNull();
    assertThat(sameBug.counterexample()).isNotNull();
    assertThat(sameBug.depth()).isEqualTo(bug.depth());
  }

  @Test
  void aCounterexampleIsShortestNumberedAndShowsTheAccounts() {
    Exploration found = Explorer.explore(search(new Careless()));
    assertThat(found.verdict()).isEqualTo(Exploration.Verdict.BROKEN);
    Counterexample counterexample = Objects.requireNonNull(found.counterexample());
    assertThat(counterexample.broken()).contains(Invariant.ENTITLEMENT);
    assertThat(counterexample.operations()).hasSize(3);
    assertThat(counterexample.toString())
        .contains(
            "broken in 3 steps: 3. at admission, charges are within the limit",
            "1. task 1 attaches to task 2",
            "2. task 1 reserves 1 page for task 2",
            "3. task 1 reserves 1 page for task 2",
            "receipt: 1 on locked_vm of task 1");
  }

  @Test
  void limitsAndInterruptionGiveAPartialAnswerThatSaysSo() {
    Search search = search(Policies.named("tracer"));
    Exploration shallow = Explorer.explore(search.limited(3, Search.DEFAULT_STATES));
    assertThat(shallow.verdict()).isEqualTo(Exploration.Verdict.PARTIAL);
    assertThat(shallow.sentence()).startsWith("partial: ").contains("limit of 3 steps");
    Exploration few = Explorer.explore(search.limited(Search.UNBOUNDED, 500));
    assertThat(few.verdict()).isEqualTo(Exploration.Verdict.PARTIAL);
    assertThat(few.sentence()).contains("limit of 500 states");
    AtomicInteger asked = new AtomicInteger();
    Exploration interrupted = Explorer.explore(search, progress -> asked.incrementAndGet() < 5);
    assertThat(interrupted.verdict()).isEqualTo(Exploration.Verdict.PARTIAL);
    assertThat(interrupted.sentence()).contains("it was interrupted");
    assertThat(asked.get()).isEqualTo(5);
  }

  @Test
  void onlyTheInvariantsThatAreWatchedEndIt() {
    Exploration found =
        Explorer.explore(
            search(new Careless())
                .watching(Invariant.CONSENT.bit())
                .limited(4, Search.DEFAULT_STATES));
    assertThat(found.verdict()).isEqualTo(Exploration.Verdict.PARTIAL);
  }

  @Test
  void aPolicyThatIsNoPureFunctionIsToldSo() {
    AtomicInteger asked = new AtomicInteger();
    ChargingPolicy moody =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "moody";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            Account locked = Account.lockedVm(request.tracer().mm());
            boolean first = asked.getAndIncrement() % 2 == 0;
            long free = first ? -view.usedPages(locked) : 0;
            free += view.limitPages(locked, request.tracer());
            free -= first ? 0 : view.usedPages(locked);
            return new ChargePlan.Admitted(
                List.of(new Charge(locked, free >= request.pages() ? request.pages() : 0)), "");
          }
        };
    assertThatThrownBy(() -> Explorer.explore(search(moody).withThreads(1)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("it is no pure function");
  }

  @Test
  void aPolicyThatPlansSomethingElseEachTimeIsToldSo() {
    AtomicInteger asked = new AtomicInteger();
    ChargingPolicy fickle =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "fickle";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            Account locked = Account.lockedVm(request.tracer().mm());
            long pages = asked.getAndIncrement() % 2 == 0 ? request.pages() : 0;
            return new ChargePlan.Admitted(List.of(new Charge(locked, pages)), "");
          }
        };
    assertThatThrownBy(() -> Explorer.explore(search(fickle).withThreads(1)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("it plans something else when it is told the same");
  }

  @Test
  void aPolicyThatNamesAnUnknownAccountIsToldSo() {
    ChargingPolicy lost =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "lost";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            Account nobodys = Account.userMemlock(new Principal(7, 7));
            return new ChargePlan.Admitted(List.of(new Charge(nobodys, request.pages())), "");
          }
        };
    assertThatThrownBy(() -> Explorer.explore(search(lost)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("derive accounts from the tracer and the tracee");
  }
}
