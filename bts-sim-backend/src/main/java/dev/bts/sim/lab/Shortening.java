package dev.bts.sim.lab;

import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.Operation;
import dev.bts.sim.rules.Rules;
import dev.bts.sim.rules.Transitions;
import dev.bts.sim.rules.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes operations that break an invariant few: halves, quarters and single ones are left out as
 * long as the rest still breaks it, and numbers become small, until nothing of that is possible any
 * more. Where one is left out, those that were possible because of it alone go with it.
 */
final class Shortening {
  private final Rules rules;
  private final Bounds bounds;
  private final int wanted;
  private final Transitions transitions;
  private final World world;

  /**
   * Prepares.
   *
   * @param wanted the invariants of which one must stay broken, as bits
   */
  Shortening(Rules rules, Bounds bounds, int wanted) {
    this.rules = rules;
    this.bounds = bounds;
    this.wanted = wanted;
    transitions = new Transitions(rules, bounds);
    world = transitions.scratch();
  }

  /** What was carried out of some operations until one broke what is wanted. */
  private record Attempt(List<Integer> operations, int broken) {}

  /** Returns a counterexample that is as good as some operations, which are one. */
  Counterexample of(List<Integer> operations) {
    Attempt best = attempt(operations);
    if (best == null) {
      throw new IllegalStateException("a walk that broke something does not break it again");
    }
    Attempt before;
    do {
      before = best;
      for (int chunk = Math.max(1, best.operations.size() / 2); chunk >= 1; chunk /= 2) {
        best = without(best, chunk);
      }
      best = smaller(best);
    } while (!best.operations.equals(before.operations));
    return new Counterexample(rules, bounds, best.operations, Invariant.of(best.broken));
  }

  private @Nullable Attempt attempt(List<Integer> operations) {
    world.copy(transitions.initial());
    List<Integer> done = new ArrayList<>();
    for (int operation : operations) {
      int result = transitions.step(world, operation);
      if (result == Transitions.OUT_OF_RANGE) {
        return null;
      }
      if (result != Transitions.DISABLED) {
        done.add(operation);
        if ((result & wanted) != 0) {
          return new Attempt(done, result);
        }
      }
    }
    return null;
  }

  private Attempt without(Attempt attempt, int chunk) {
    Attempt shortest = attempt;
    int from = shortest.operations.size() - chunk;
    while (from >= 0) {
      List<Integer> rest = new ArrayList<>(shortest.operations);
      rest.subList(from, from + chunk).clear();
      Attempt shorter = attempt(rest);
      shortest = shorter == null ? shortest : shorter;
      from = Math.min(from, shortest.operations.size()) - chunk;
    }
    return shortest;
  }

  /** Makes arguments small, one by one. */
  private Attempt smaller(Attempt attempt) {
    Attempt smallest = attempt;
    for (int i = 0; i < smallest.operations.size(); i++) {
      int operation = smallest.operations.get(i);
      int[] arguments = Operation.arguments(operation);
      for (int place = 0; place < arguments.length && i < smallest.operations.size(); place++) {
        for (int value = 1; value < arguments[place]; value++) {
          int[] changed = Arrays.copyOf(arguments, arguments.length);
          changed[place] = value;
          List<Integer> operations = new ArrayList<>(smallest.operations);
          operations.set(i, Operation.of(Operation.kind(operation), changed));
          Attempt other = attempt(operations);
          if (other != null && other.operations.size() <= smallest.operations.size()) {
            smallest = other;
            arguments = changed;
            break;
          }
        }
      }
    }
    return smallest;
  }
}
