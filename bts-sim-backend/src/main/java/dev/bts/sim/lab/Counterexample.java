package dev.bts.sim.lab;

import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.Operation;
import dev.bts.sim.rules.Rules;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Operations from the beginning of a machine that break invariants with the last of them.
 *
 * @param rules under which rules
 * @param bounds on which machine
 * @param operations the operations, see {@link Operation}
 * @param broken the invariants that are broken then
 */
public record Counterexample(
    Rules rules, Bounds bounds, List<Integer> operations, List<Invariant> broken) {
  /** Copies. */
  public Counterexample {
    operations = List.copyOf(operations);
    broken = List.copyOf(broken);
  }

  /** Returns which invariants are broken in how many steps. */
  public String sentence() {
    return "broken in "
        + operations.size()
        + (operations.size() == 1 ? " step: " : " steps: ")
        + broken.stream()
            .map(invariant -> invariant.number() + ". " + invariant.text())
            .collect(Collectors.joining("; "));
  }

  /** Returns the steps, numbered, each with the accounts after it that are not empty. */
  public List<String> steps() {
    return Scenario.text(Scenario.of(this).run());
  }

  @Override
  public String toString() {
    return rules + " is " + sentence() + "\n" + String.join("\n", steps());
  }
}
