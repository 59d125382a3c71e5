package dev.bts.sim.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.Policies;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Catalogue;
import dev.bts.sim.rules.CatalogueRow;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.PolicyRules;
import dev.bts.sim.rules.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SwarmTest {
  private static final long WALKS = 20_000;

  private static Swarm.Plan plan(Rules rules, Bounds bounds, long seed) {
    return new Swarm.Plan(rules, bounds, Invariant.ALL, seed, WALKS, 200, 2);
  }

  private static Swarm.Result look(Swarm.Plan plan) {
    return Swarm.look(plan, Swarm.Listener.SILENT);
  }

  static List<CatalogueRow> rows() {
    return Catalogue.rows();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void findsEveryBugOfTheCatalogueAndMakesItShort(CatalogueRow row) {
    Swarm.Result found = look(plan(row.buggy(), row.bounds(), 1));
    Counterexample shortened = Objects.requireNonNull(found.counterexample(), found.sentence());
    Scenario scenario = Scenario.of(shortened);
    assertThat(scenario.isAsExpected(scenario.run())).as(shortened.toString()).isTrue();
    assertThat(shortened.operations().size()).isLessThanOrEqualTo(found.found());
    int broken = shortened.broken().stream().mapToInt(Invariant::bit).reduce(0, (a, b) -> a | b);
    Search search = Search.of(row.buggy(), row.bounds()).watching(broken);
    Counterexample shortest = Objects.requireNonNull(Explorer.explore(search).counterexample());
    assertThat(shortened.operations()).hasSameSizeAs(shortest.operations());
    for (int i = 0; i < shortened.operations().size(); i++) {
      List<Integer> fewer = new ArrayList<>(shortened.operations());
      fewer.remove(i);
      assertThat(breaks(shortened, fewer)).as("without step %s of %s", i + 1, shortened).isFalse();
    }
  }

  private static boolean breaks(Counterexample of, List<Integer> operations) {
    Scenario scenario = new Scenario(of.rules(), of.bounds(), operations, Set.of());
    try {
      return scenario.run().stream()
          .anyMatch(step -> step.broken().stream().anyMatch(of.broken()::contains));
    } catch (InvalidRequestException e) {
      return false; // A step is not possible without the one that was left out.
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void findsNothingWhereTheBugIsFixed(CatalogueRow row) {
    Swarm.Plan plan = new Swarm.Plan(row.fixed(), row.bounds(), Invariant.ALL, 1, 50, 200, 2);
    Swarm.Result found = look(plan);
    assertThat(found.counterexample()).isNull();
    assertThat(found.walks()).isEqualTo(50);
    assertThat(found.steps()).isPositive();
    assertThat(found.sentence()).startsWith("partial: ").contains("proves nothing");
  }

  @Test
  void theSeedOfTheFindingFindsItAgainInOneWalkWhateverTheThreads() {
    CatalogueRow row = Catalogue.rows().get(21);
    Swarm.Plan plan = plan(row.buggy(), row.bounds(), 1000);
    Swarm.Result found = look(plan);
    Swarm.Plan again =
        new Swarm.Plan(row.buggy(), row.bounds(), Invariant.ALL, found.seed(), 1, 200, 1);
    assertThat(look(again).counterexample()).isNotNull().isEqualTo(found.counterexample());
    assertThat(look(again).found()).isEqualTo(found.found());
    for (int i = 0; i < 5; i++) {
      assertThat(look(plan).seed()).isEqualTo(found.seed());
    }
  }

  @Test
  void whatIsTooLargeToLookAtIsMadeShortByLeavingStepsOut() {
    Bounds large = new Bounds(6, 2, 0, 1, 6, 8, 12, 0, 4, 3, 0);
    CatalogueRow row = Catalogue.rows().get(6);
    Swarm.Result found =
        look(new Swarm.Plan(row.buggy(), large, Invariant.ALL, 1, 200_000, 1000, 2));
    Counterexample shortened = Objects.requireNonNull(found.counterexample(), found.sentence());
    assertThat(shortened.operations().size()).isBetween(5, 12);
    Scenario scenario = Scenario.of(shortened);
    assertThat(scenario.isAsExpected(scenario.run())).as(shortened.toString()).isTrue();
  }

  @Test
  void goesWhereTheExplorerCannotGo() {
    Bounds large = new Bounds(6, 3, 0, 2, 6, 8, 12, 0, 4, 3, 0);
    Rules rules = PolicyRules.of(Policies.named("tracer"));
    Swarm.Result found = look(new Swarm.Plan(rules, large, Invariant.ALL, 1, 100, 1000, 2));
    assertThat(found.counterexample()).as(found.sentence()).isNull();
    assertThat(found.steps()).isGreaterThan(10_000);
  }

  @Test
  void watchesWhatItIsToldAndEndsWhenItIsTold() {
    CatalogueRow row = Catalogue.rows().get(21);
    int consent = Invariant.CONSENT.bit();
    Swarm.Plan plan = new Swarm.Plan(row.buggy(), row.bounds(), consent, 1, 200, 50, 2);
    assertThat(look(plan).counterexample()).isNull();
    AtomicInteger asked = new AtomicInteger();
    Rules sound = PolicyRules.of(Policies.named("tracer"));
    Swarm.Result ended =
        Swarm.look(
            new Swarm.Plan(sound, Bounds.SMALL, Invariant.ALL, 1, Long.MAX_VALUE / 2, 1000, 2),
            (walks, steps) -> asked.incrementAndGet() < 2);
    assertThat(ended.sentence()).contains("it was interrupted");
    assertThatThrownBy(() -> new Swarm.Plan(sound, Bounds.SMALL, 1, 1, 0, 1, 1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("--random");
  }
}
