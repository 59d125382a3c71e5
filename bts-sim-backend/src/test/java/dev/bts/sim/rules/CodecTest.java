package dev.bts.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.Policies;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Search;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order that the codec puts worlds in loses nothing: against a plain search of all worlds. */
class CodecTest {
  private static final Bounds BOUNDS = Bounds.SMALL.withBuffers(1, 1).withLimits(1, 0, 1);

  /** Without what multiplies worlds and concerns no number of anything. */
  private static Rules rules(String policy) {
    Rules all = PolicyRules.of(Policies.named(policy));
    Set<OperationKind> operations = all.operations();
    operations.removeAll(
        Set.of(
            OperationKind.LOWER_LIMIT,
            OperationKind.LOWER_GIFT,
            OperationKind.LOCK_PAGE,
            OperationKind.UNLOCK_PAGE));
    return all.operating(operations);
  }

  private static LongBuffer encoded(Codec codec, World world) {
    long[] words = new long[codec.words()];
    codec.encode(world, words);
    return LongBuffer.wrap(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void everyWorldOfAPlainSearchIsOneOfTheOrderedOnes(String policy) {
    compare(policy, BOUNDS, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer"})
  void soItIsWithAllEvents(String policy) {
    Bounds two = BOUNDS.withActors(2, 1).withEvents(EnumSet.allOf(Event.class));
    compare(policy, two, 1);
  }

  private static void compare(String policy, Bounds bounds, int leastReduction) {
    Rules rules = rules(policy);
    Transitions transitions = new Transitions(rules, bounds);
    Codec plain = new Codec(transitions, false);
    Codec ordered = new Codec(transitions, true);
    Set<LongBuffer> seen = new HashSet<>();
    Set<LongBuffer> classes = new HashSet<>();
    Deque<World> left = new ArrayDeque<>();
    left.add(transitions.initial());
    seen.add(encoded(plain, left.getFirst()));
    while (!left.isEmpty()) {
      World world = left.remove();
      classes.add(encoded(ordered, world));
      for (int operation : transitions.operations()) {
        World next = transitions.scratch();
        next.copy(world);
        if (transitions.step(next, operation) == 0 && seen.add(encoded(plain, next))) {
          left.add(next);
        }
      }
    }
    Exploration found = Explorer.explore(Search.of(rules, bounds));
    assertThat(found.verdict()).isEqualTo(Exploration.Verdict.HOLDS);
    assertThat(found.states()).isEqualTo(classes.size());
    assertThat(seen.size()).isGreaterThan(leastReduction * classes.size());
    Exploration unordered = Explorer.explore(Search.of(rules, bounds).withoutSymmetry());
    assertThat(unordered.states()).isEqualTo(seen.size());
  }
}
