package dev.bts.sim.experiment;

import java.util.Map;

/**
 * One run of an experiment: everything that its result depends on.
 *
 * @param number its place among the runs, from 0
 * @param policy the charging policy
 * @param values the parameters that the experiment names
 * @param seed what chance depends on
 */
public record Run(int number, String policy, Map<Parameter, Long> values, long seed) {
  /** Copies. */
  public Run {
    values = Map.copyOf(values);
  }

  /** Returns a parameter's value, the usual one if the experiment does not name it. */
  public long value(Parameter parameter) {
    return values.getOrDefault(parameter, parameter.usual());
  }
}
