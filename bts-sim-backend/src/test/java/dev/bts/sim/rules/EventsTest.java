package dev.bts.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.Policies;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Search;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What can happen beside the usual: it is reached, the policies hold, and mistakes show. */
class EventsTest {
  private static final Bounds TWO_TASKS =
      Bounds.SMALL.withActors(2, 2).withBuffers(1, 1).withLimits(2, 0, 2);
  private static final Bounds THREE_TASKS =
      Bounds.SMALL.withBuffers(1, 1).withLimits(1, 0, 2).withProcesses(1);

  private static Rules bts(String policy) {
    return PolicyRules.of(Policies.named(policy));
  }

  private static Exploration explore(Rules rules, Bounds bounds) {
    return Explorer.explore(Search.of(rules, bounds));
  }

  private static Rules without(Rules rules, OperationKind... missing) {
    Set<OperationKind> left = rules.operations();
    left.removeAll(Set.of(missing));
    return rules.operating(left);
  }

  private static int step(Transitions on, World world, OperationKind kind, int... arguments) {
    return on.step(world, Operation.of(kind, arguments));
  }

  /** Looks at everything without the explorer; returns the kinds of operations that were done. */
  private static Set<OperationKind> done(Rules rules, Bounds bounds) {
    Transitions transitions = new Transitions(rules, bounds);
    Codec codec = new Codec(transitions, true);
    Set<OperationKind> done = EnumSet.noneOf(OperationKind.class);
    Set<LongBuffer> seen = new HashSet<>();
    Deque<World> left = new ArrayDeque<>(List.of(transitions.initial()));
    while (!left.isEmpty()) {
      World world = left.remove();
      for (int operation : transitions.operations()) {
        World next = transitions.scratch();
        next.copy(world);
        long[] words = new long[codec.words()];
        if (transitions.step(next, operation) == 0) {
          done.add(Operation.kind(operation));
          codec.encode(next, words);
          if (seen.add(LongBuffer.wrap(words))) {
            left.add(next);
          }
        }
      }
    }
    return done;
  }

  @ParameterizedTest
  @EnumSource
  void anEventIsReachedAndThePoliciesHold(Event event) {
    Bounds with = TWO_TASKS.withEvents(Set.of(event));
    Rules tracer = bts("tracer");
    Set<OperationKind> added = Event.operations(tracer, Set.of(event));
    added.removeAll(tracer.operations());
    assertThat(added).isNotEmpty();
    assertThat(done(tracer, with)).containsAll(added);
    for (String policy : List.of("tracee", "tracer", "user", "perf", "cgroup")) {
      Exploration usual = explore(bts(policy), TWO_TASKS);
      Exploration found = explore(bts(policy), with);
      assertThat(found.verdict()).as(found.sentence()).isEqualTo(Exploration.Verdict.HOLDS);
      assertThat(found.states()).isGreaterThan(usual.states());
      assertThat(found.search().bounds().toString()).endsWith(" --events " + event.label());
    }
  }

  @Test
  void allTogetherHoldToo() {
    Bounds bounds = TWO_TASKS.withEvents(EnumSet.allOf(Event.class));
    for (String policy : List.of("tracee", "tracer", "user", "perf", "cgroup")) {
      Exploration found = explore(bts(policy), bounds);
      assertThat(found.verdict())
          .as(found.sentence() + found.counterexample())
          .isEqualTo(Exploration.Verdict.HOLDS);
    }
  }

  /** A mistake, the event that shows it, and a machine that is large enough. */
  private record Hidden(Event event, Rules rules, Bounds bounds) {
    @Override
    public String toString() {
      return event.label() + " shows " + rules.difference(bts("tracer"));
    }
  }

  static Stream<Hidden> hidden() {
    Rules unclamped = RuleBook.named("row-18").rules();
    return Stream.of(
        new Hidden(Event.TWO_STEPS, bts("tracer").with(Prlimit.LOST_IN_EXEC), TWO_TASKS),
        new Hidden(Event.CLONE_VM, bts("tracer").with(Orphans.STRANDED), THREE_TASKS),
        new Hidden(Event.TRACEME, without(tracee(), OperationKind.ATTACH), TWO_TASKS),
        new Hidden(
            Event.HOTPLUG,
            bts("tracer").with(Ending.CPU_OFFLINE.then(Pages.FREED, Refund.NOBODY)),
            TWO_TASKS),
        new Hidden(
            Event.HOTPLUG,
            bts("user").with(Ending.CPU_OFFLINE.then(Pages.KEPT, Refund.PAYER)),
            TWO_TASKS),
        new Hidden(
            Event.HOTPLUG,
            without(unclamped, OperationKind.LOWER_GIFT),
            RuleBook.named("row-18").bounds().withLimits(3, 0, 2)));
  }

  /** The tracee pays whoever it belongs to; nobody attaches, so that who asks is all there is. */
  private static Rules tracee() {
    Rules rules = Subsystems.trace(Subsystems.TRACEE);
    return rules.operating(rules.operations()).named("tracee", "the tracee pays");
  }

  @ParameterizedTest
  @MethodSource("hidden")
  void aMistakeThatOnlyTheEventShowsIsFound(Hidden hidden) {
    Set<Event> events = Set.of(hidden.event());
    Rules asked =
        hidden.event() == Event.TRACEME
            ? hidden.rules().operating(plus(hidden.rules(), OperationKind.TRACEME))
            : hidden.rules();
    Exploration usual = explore(hidden.rules(), hidden.bounds());
    assertThat(usual.verdict())
        .as(usual.sentence() + usual.counterexample())
        .isEqualTo(Exploration.Verdict.HOLDS);
    Exploration found = explore(asked, hidden.bounds().withEvents(events));
    assertThat(found.verdict()).as(found.sentence()).isEqualTo(Exploration.Verdict.BROKEN);
  }

  private static Set<OperationKind> plus(Rules rules, OperationKind more) {
    Set<OperationKind> all = rules.operations();
    all.add(more);
    return all;
  }

  @Test
  void aLimitThatIsSetInTheMiddleOfAnExecIsTheProcesssAfterwards() {
    Bounds bounds = TWO_TASKS.withEvents(Set.of(Event.TWO_STEPS));
    for (Prlimit prlimit : Prlimit.values()) {
      Transitions on = new Transitions(bts("tracer").with(prlimit), bounds);
      World world = on.initial();
      assertThat(step(on, world, OperationKind.BEGIN_EXEC, 1)).isZero();
      assertThat(step(on, world, OperationKind.ATTACH, 2, 1))
          .as("attaching waits for the exec")
          .isEqualTo(Transitions.DISABLED);
      assertThat(step(on, world, OperationKind.LOWER_LIMIT, 1)).isZero();
      assertThat(step(on, world, OperationKind.FINISH, 1)).isZero();
      assertThat(step(on, world, OperationKind.LOCK_PAGE, 1)).isZero();
      assertThat(step(on, world, OperationKind.ATTACH, 1, 2)).isZero();
      int reserved = step(on, world, OperationKind.RESERVE, 1, 2, 1);
      if (prlimit == Prlimit.OF_PROCESS) {
        assertThat(reserved).as("one page of one is locked").isEqualTo(Transitions.DISABLED);
      } else {
        assertThat(Invariant.of(reserved)).containsExactly(Invariant.ENTITLEMENT);
      }
    }
  }

  @Test
  void aTracerWithoutAnAddressSpaceStillTracesUntilItsExitIsFinished() {
    Transitions on = new Transitions(bts("tracee"), TWO_TASKS.withEvents(Set.of(Event.TWO_STEPS)));
    World world = on.initial();
    step(on, world, OperationKind.ATTACH, 1, 2);
    step(on, world, OperationKind.RESERVE, 1, 2, 1);
    assertThat(step(on, world, OperationKind.COMMIT, 1, 1)).isZero();
    assertThat(step(on, world, OperationKind.BEGIN_EXIT, 1)).isZero();
    assertThat(step(on, world, OperationKind.FREE, 1, 1)).isEqualTo(Transitions.DISABLED);
    assertThat(world.tracerOf(1)).isZero();
    assertThat(step(on, world, OperationKind.RECLAIM, 2, 1))
        .as("it has an owner")
        .isEqualTo(Transitions.DISABLED);
    assertThat(step(on, world, OperationKind.FINISH, 1)).isZero();
    assertThat(world.tracerOf(1)).isEqualTo(-1);
    assertThat(step(on, world, OperationKind.RECLAIM, 2, 1)).isZero();
  }

  @Test
  void aChildOfAnotherUserAsksToBeTracedAndTheTraceePolicyStillRefuses() {
    Bounds bounds = TWO_TASKS.withProcesses(1).withEvents(Set.of(Event.TRACEME));
    for (boolean checked : new boolean[] {true, false}) {
      Rules rules = checked ? bts("tracee") : tracee();
      Transitions on =
          new Transitions(
              checked ? rules : rules.operating(plus(rules, OperationKind.TRACEME)), bounds);
      World world = on.initial();
      assertThat(step(on, world, OperationKind.FORK, 1, 2)).isZero();
      assertThat(step(on, world, OperationKind.SET_USER, 2, 2)).isZero();
      assertThat(step(on, world, OperationKind.ATTACH, 1, 2)).isEqualTo(Transitions.DISABLED);
      assertThat(step(on, world, OperationKind.TRACEME, 1)).isEqualTo(Transitions.DISABLED);
      assertThat(step(on, world, OperationKind.TRACEME, 2)).isZero();
      assertThat(world.tracerOf(1)).isZero();
      int asked =
          step(on, world, checked ? OperationKind.RESERVE : OperationKind.ALLOCATE, 1, 2, 1);
      if (checked) {
        assertThat(asked).isEqualTo(Transitions.DISABLED);
      } else {
        assertThat(Invariant.of(asked)).containsExactly(Invariant.CONSENT);
      }
    }
  }

  @Test
  void aThreadsChildIsAnotherThreadsWhenItsParentEnds() {
    Bounds bounds = THREE_TASKS.withEvents(Set.of(Event.TRACEME));
    Rules rules = RuleBook.named("row-1-fixed").rules();
    Transitions on = new Transitions(rules, bounds);
    World world = on.initial();
    step(on, world, OperationKind.CLONE, 1, 2);
    assertThat(step(on, world, OperationKind.FORK, 1, 3)).isZero();
    assertThat(step(on, world, OperationKind.EXIT, 1)).isZero();
    assertThat(step(on, world, OperationKind.TRACEME, 3)).isZero();
    assertThat(world.tracerOf(2)).isEqualTo(1);
  }

  @Test
  void anAddressSpaceEndsWithTheLastProcessThatHasItAndChargesToItStay() {
    Bounds bounds = THREE_TASKS.withProcesses(2).withEvents(Set.of(Event.CLONE_VM));
    Transitions on = new Transitions(bts("tracee"), bounds);
    World world = on.initial();
    assertThat(step(on, world, OperationKind.CLONE_VM, 2, 3)).isZero();
    assertThat(world.mmOf(2)).isEqualTo(world.mmOf(1));
    assertThat(world.areThreads(1, 2)).isFalse();
    step(on, world, OperationKind.ATTACH, 1, 2);
    step(on, world, OperationKind.RESERVE, 1, 2, 1);
    assertThat(step(on, world, OperationKind.COMMIT, 1, 1)).isZero();
    assertThat(step(on, world, OperationKind.KILL, 2)).isZero();
    assertThat(world.isLive(2)).as("the other process lives").isTrue();
    assertThat(step(on, world, OperationKind.REAP, 1, 2)).isZero();
    assertThat(new WorldText(on).accounts(world))
        .as("nobody traces the process that still has it mapped")
        .contains(
            "locked_vm of task 3 = 1",
            "buffer 1: 1 page locked, at task 3, receipt: 1 on"
                + " total_vm of task 3, 1 on locked_vm of task 3");
    World other = on.scratch();
    other.copy(world);
    assertThat(step(on, world, OperationKind.RECLAIM, 1, 1)).isZero();
    assertThat(new WorldText(on).accounts(world)).isEmpty();
    assertThat(step(on, other, OperationKind.KILL, 3)).isZero();
    assertThat(new WorldText(on).accounts(other)).as("it goes with its memory").isEmpty();
  }

  @Test
  void anExecLeavesAnAddressSpaceToTheOtherProcess() {
    Bounds bounds = THREE_TASKS.withProcesses(2).withEvents(Set.of(Event.CLONE_VM));
    Transitions on = new Transitions(bts("tracee"), bounds);
    World world = on.initial();
    step(on, world, OperationKind.LOCK_PAGE, 2);
    step(on, world, OperationKind.CLONE_VM, 2, 3);
    assertThat(step(on, world, OperationKind.LOWER_LIMIT, 3)).isZero();
    assertThat(step(on, world, OperationKind.LOWER_LIMIT, 2)).as("limits are a process's").isZero();
    assertThat(step(on, world, OperationKind.EXEC, 2)).isZero();
    assertThat(new WorldText(on).accounts(world)).contains("locked_vm of task 3 = 1");
    assertThat(step(on, world, OperationKind.UNLOCK_PAGE, 2)).isEqualTo(Transitions.DISABLED);
    assertThat(step(on, world, OperationKind.UNLOCK_PAGE, 3)).isZero();
  }

  @Test
  void aCpuTakesHalfTheGiftWithItAndBringsItBack() {
    Bounds bounds =
        TWO_TASKS.withBuffers(1, 2).withLimits(0, 0, 2).withEvents(Set.of(Event.HOTPLUG));
    Transitions on = new Transitions(bts("perf"), bounds);
    World world = on.initial();
    step(on, world, OperationKind.ATTACH, 1, 2);
    assertThat(step(on, world, OperationKind.CPU_ONLINE)).isEqualTo(Transitions.DISABLED);
    assertThat(step(on, world, OperationKind.CPU_OFFLINE)).isZero();
    assertThat(step(on, world, OperationKind.CPU_OFFLINE)).isEqualTo(Transitions.DISABLED);
    assertThat(step(on, world, OperationKind.RESERVE, 1, 2, 2)).isEqualTo(Transitions.DISABLED);
    assertThat(step(on, world, OperationKind.CPU_ONLINE)).isZero();
    assertThat(step(on, world, OperationKind.RESERVE, 1, 2, 2)).isZero();
    assertThat(step(on, world, OperationKind.COMMIT, 1, 1)).isZero();
    assertThat(step(on, world, OperationKind.CPU_OFFLINE)).isZero();
    assertThat(new WorldText(on).accounts(world))
        .as("a live buffer stays charged, beyond what is given now")
        .contains("locked_vm of user 1 = 2");
  }

  @Test
  void rulesGetTheOperationsThatGoWithWhatTheyHave() {
    Rules segments = Subsystems.segments();
    assertThat(Event.operations(segments, Set.of())).isEqualTo(segments.operations());
    assertThat(Event.operations(segments, EnumSet.allOf(Event.class)))
        .contains(OperationKind.BEGIN_EXIT, OperationKind.CLONE_VM)
        .doesNotContain(OperationKind.BEGIN_EXEC, OperationKind.TRACEME);
    assertThat(Event.named("clone-vm")).isEqualTo(Event.CLONE_VM);
    assertThatThrownBy(() -> Event.named("earthquake"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("two-steps");
  }

  /**
   * The pairs of rows 26 and 30 refund who closes. At an exit that is nobody, for an address space
   * is left before files are closed; what saves them otherwise is that it goes with them.
   */
  private static final Set<Integer> REFUND_THE_CLOSER = Set.of(26, 30);

  @ParameterizedTest
  @MethodSource("fixes")
  void theFixesOfTheCatalogueHoldButWhereMemoryOutlivesWhoCloses(CatalogueRow row) {
    Bounds bounds = row.bounds().withActors(2, row.bounds().users()).withBuffers(1, 1);
    Exploration found = explore(row.fixed(), bounds.withEvents(EnumSet.allOf(Event.class)));
    assertThat(found.verdict())
        .as(found.sentence() + "\n" + found.counterexample())
        .isEqualTo(
            REFUND_THE_CLOSER.contains(row.number())
                ? Exploration.Verdict.BROKEN
                : Exploration.Verdict.HOLDS);
    Bounds without = bounds.withEvents(Set.of(Event.TRACEME, Event.HOTPLUG));
    assertThat(explore(row.fixed(), without).verdict()).isEqualTo(Exploration.Verdict.HOLDS);
  }

  static Stream<CatalogueRow> fixes() {
    return Catalogue.rows().stream();
  }
}
