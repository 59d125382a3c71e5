package dev.bts.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.Policies;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Search;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Control groups end while buffers are charged to them, and others take their names. */
class GroupRemovalTest {
  private static final Bounds BOUNDS =
      Bounds.SMALL.withActors(2, 1).withBuffers(2, 1).withLimits(1, 0, 1).withGroups(2);
  private static final Rules CGROUP = PolicyRules.of(Policies.named("cgroup"));

  /** Charges the tracee's own group and none above it, as v1 did without use_hierarchy. */
  private static final class OneLevel implements ChargingPolicy {
    @Override
    public String name() {
      return "one-level";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      Account own = Account.groupMemory(request.tracer().group());
      long used = view.usedPages(own);
      long limit = view.limitPages(own, request.tracer());
      return used + request.pages() > limit
          ? new ChargePlan.Refused(Refusal.overLimit(name(), own, request.pages(), used, limit))
          : new ChargePlan.Admitted(List.of(new Charge(own, request.pages())), "");
    }
  }

  private static Exploration explore(Rules rules) {
    return Explorer.explore(Search.of(rules, BOUNDS));
  }

  private static Rules withoutRemoval(Rules rules) {
    Set<OperationKind> operations = rules.operations();
    operations.remove(OperationKind.REMOVE_GROUP);
    return rules.operating(operations);
  }

  private static int result(Transitions transitions, World world, OperationKind kind, int... with) {
    return transitions.step(world, Operation.of(kind, with));
  }

  @Test
  void aGroupGoesWithTheChargesOfABufferInItAndAnotherTakesItsPlaceWhenThatIsFreed() {
    Transitions transitions = new Transitions(CGROUP, BOUNDS);
    World world = transitions.initial();
    assertThat(result(transitions, world, OperationKind.MOVE, 1, 2)).isZero();
    assertThat(result(transitions, world, OperationKind.ATTACH, 1, 2)).isZero();
    assertThat(result(transitions, world, OperationKind.RESERVE, 1, 2, 1)).isZero();
    assertThat(result(transitions, world, OperationKind.COMMIT, 1, 1)).isZero();
    assertThat(result(transitions, world, OperationKind.REMOVE_GROUP, 2))
        .as("a task is in it")
        .isEqualTo(Transitions.DISABLED);
    assertThat(result(transitions, world, OperationKind.MOVE, 1, 1)).isZero();
    assertThat(result(transitions, world, OperationKind.REMOVE_GROUP, 2)).isZero();
    assertThat(new WorldText(transitions).accounts(world))
        .contains("memory of group 1 = 1", "memory of group 2 (removed) = 1");
    assertThat(result(transitions, world, OperationKind.REMOVE_GROUP, 2))
        .isEqualTo(Transitions.DISABLED);
    assertThat(result(transitions, world, OperationKind.MOVE, 1, 2))
        .as("nobody can join it")
        .isEqualTo(Transitions.DISABLED);
    assertThat(result(transitions, world, OperationKind.MAKE_GROUP, 2))
        .as("it is still charged")
        .isEqualTo(Transitions.DISABLED);
    assertThat(result(transitions, world, OperationKind.FREE, 1, 1)).isZero();
    assertThat(new WorldText(transitions).accounts(world)).isEmpty();
    assertThat(result(transitions, world, OperationKind.MAKE_GROUP, 2)).isZero();
    assertThat(result(transitions, world, OperationKind.MOVE, 1, 2)).isZero();
    assertThat(result(transitions, world, OperationKind.REMOVE_GROUP, 1))
        .as("the first one stays")
        .isEqualTo(Transitions.DISABLED);
  }

  @Test
  void whatWasReservedForARemovedGroupIsNotCommitted() {
    Transitions transitions = new Transitions(CGROUP, BOUNDS);
    World world = transitions.initial();
    result(transitions, world, OperationKind.MOVE, 1, 2);
    result(transitions, world, OperationKind.ATTACH, 1, 2);
    result(transitions, world, OperationKind.RESERVE, 1, 2, 1);
    result(transitions, world, OperationKind.MOVE, 1, 1);
    assertThat(result(transitions, world, OperationKind.REMOVE_GROUP, 2)).isZero();
    assertThat(result(transitions, world, OperationKind.COMMIT, 1, 1))
        .isEqualTo(Transitions.DISABLED);
    assertThat(result(transitions, world, OperationKind.CANCEL, 1, 1)).isZero();
  }

  @Test
  void thePolicyOfBtsHoldsAndThereIsMoreToLookAt() {
    Exploration with = explore(CGROUP);
    assertThat(with.verdict()).as(with.sentence()).isEqualTo(Exploration.Verdict.HOLDS);
    assertThat(with.states()).isGreaterThan(explore(withoutRemoval(CGROUP)).states());
  }

  @Test
  void onlyTheRemovalShowsThatGroupsAboveWereNotCharged() {
    Rules rules = PolicyRules.of(new OneLevel());
    assertThat(explore(withoutRemoval(rules)).verdict()).isEqualTo(Exploration.Verdict.HOLDS);
    Exploration found = explore(rules);
    assertThat(Objects.requireNonNull(found.counterexample()).broken()).contains(Invariant.BACKED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"KEPT PAYER", "FREED NOBODY"})
  void whoeverTakesAGroupsEndForABuffersEndIsFound(String mistake) {
    String[] words = mistake.split(" ", -1);
    Rules rules =
        CGROUP.with(Ending.GROUP_GONE.then(Pages.valueOf(words[0]), Refund.valueOf(words[1])));
    assertThat(explore(withoutRemoval(rules)).verdict()).isEqualTo(Exploration.Verdict.HOLDS);
    assertThat(explore(rules).verdict()).isEqualTo(Exploration.Verdict.BROKEN);
  }
}
