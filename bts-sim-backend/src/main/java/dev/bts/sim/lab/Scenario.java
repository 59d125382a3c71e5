package dev.bts.sim.lab;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.Operation;
import dev.bts.sim.rules.Rules;
import dev.bts.sim.rules.Transitions;
import dev.bts.sim.rules.World;
import dev.bts.sim.rules.WorldText;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Operations to carry out one after the other, and the invariants that must be broken then: none,
 * or those of a counterexample.
 *
 * @param rules under which rules
 * @param bounds on which machine
 * @param operations the operations, see {@link Operation}
 * @param expected the invariants that the last step is expected to break
 */
public record Scenario(
    Rules rules, Bounds bounds, List<Integer> operations, Set<Invariant> expected) {
  /** Copies. */
  public Scenario {
    operations = List.copyOf(operations);
    expected = Set.copyOf(expected);
  }

  /** Returns the scenario that shows a counterexample again. */
  public static Scenario of(Counterexample counterexample) {
    return new Scenario(
        counterexample.rules(),
        counterexample.bounds(),
        counterexample.operations(),
        Set.copyOf(counterexample.broken()));
  }

  /**
   * One step as it was carried out.
   *
   * @param operation what was done, see {@link Operation}
   * @param text the same in words
   * @param accounts the accounts that are not empty and the buffers after it, in words
   * @param broken the invariants that are broken then
   */
  public record Step(int operation, String text, List<String> accounts, List<Invariant> broken) {}

  /**
   * Carries the operations out.
   *
   * @throws InvalidRequestException if one of them is not possible
   */
  public List<Step> run() {
    Transitions transitions = new Transitions(rules, bounds);
    WorldText words = new WorldText(transitions);
    World world = transitions.initial();
    List<Step> steps = new ArrayList<>();
    for (int operation : operations) {
      int result = transitions.step(world, operation);
      if (result < 0) {
        throw new InvalidRequestException(
            new Explanation(
                "step " + (steps.size() + 1) + ", " + Operation.text(operation),
                "it is not possible there under " + rules,
                "correct the steps before it; without this one the world is: "
                    + words.accounts(world)));
      }
      steps.add(
          new Step(
              operation,
              Operation.text(operation) + (isRefused(result) ? ", which is refused" : ""),
              words.accounts(world),
              Invariant.of(result)));
    }
    return steps;
  }

  private static boolean isRefused(int result) {
    return (result & Invariant.JUSTIFIED.bit()) != 0;
  }

  /** Returns whether the last of some steps breaks what is expected, and no other invariant. */
  public boolean isAsExpected(List<Step> steps) {
    Set<Invariant> broken = EnumSet.noneOf(Invariant.class);
    if (!steps.isEmpty()) {
      broken.addAll(steps.get(steps.size() - 1).broken());
    }
    return broken.equals(expected);
  }

  /** Returns steps in words, numbered, with the accounts after each. */
  public static List<String> text(List<Step> steps) {
    List<String> lines = new ArrayList<>();
    int number = 0;
    for (Step step : steps) {
      number++;
      lines.add(number + ". " + step.text());
      step.accounts().forEach(line -> lines.add("     " + line));
      step.broken()
          .forEach(
              invariant ->
                  lines.add(
                      "     BROKEN: invariant " + invariant.number() + ", " + invariant.text()));
    }
    return lines;
  }
}
