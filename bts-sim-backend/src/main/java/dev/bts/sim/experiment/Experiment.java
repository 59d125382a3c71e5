package dev.bts.sim.experiment;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A question to the modelled machine: policies, parameters and seeds, every combination of which is
 * a {@link Run}.
 *
 * @param name what it is called, for files
 * @param question what it answers, in a sentence
 * @param policies names of charging policies
 * @param parameters the values of each parameter that it varies or sets
 * @param seeds how many runs of each combination there are, with the seeds from 1
 */
public record Experiment(
    String name,
    String question,
    List<String> policies,
    Map<Parameter, List<Long>> parameters,
    int seeds) {
  /** The most runs of an experiment. */
  public static final int MOST_RUNS = 100_000;

  /** Checks and copies. */
  public Experiment {
    policies = List.copyOf(policies);
    EnumMap<Parameter, List<Long>> copy = new EnumMap<>(Parameter.class);
    parameters.forEach((parameter, values) -> copy.put(parameter, List.copyOf(values)));
    parameters = Collections.unmodifiableMap(copy);
    long runs = (long) policies.size() * seeds;
    for (Map.Entry<Parameter, List<Long>> each : parameters.entrySet()) {
      check(name, each.getKey(), each.getValue());
      runs *= Math.max(1, each.getValue().size());
      if (runs > MOST_RUNS) {
        break;
      }
    }
    if (seeds < 1 || policies.isEmpty() || runs > MOST_RUNS) {
      throw new InvalidRequestException(
          new Explanation(
              "run the experiment '" + name + "'",
              policies.isEmpty() || seeds < 1
                  ? "it has " + policies.size() + " policies and " + seeds + " seeds"
                  : "it has more than " + MOST_RUNS + " runs",
              "name at least one policy and one seed, and fewer values of parameters"));
    }
  }

  private static void check(String name, Parameter parameter, List<Long> values) {
    for (long value : values) {
      if (!parameter.allows(value)) {
        throw new InvalidRequestException(
            new Explanation(
                "run the experiment '" + name + "'",
                "'" + parameter.key() + "' cannot be " + value,
                "it is the " + parameter.description()));
      }
    }
    if (values.isEmpty()) {
      throw new InvalidRequestException(
          new Explanation(
              "run the experiment '" + name + "'",
              "'" + parameter.key() + "' has no value",
              "name one, or leave the parameter out"));
    }
  }

  /** Returns the parameters that have more than one value, in their order. */
  public List<Parameter> varied() {
    return parameters.keySet().stream().filter(each -> values(each).size() > 1).toList();
  }

  private List<Long> values(Parameter parameter) {
    return parameters.getOrDefault(parameter, List.of());
  }

  /** Returns all runs, always in the same order: the seeds of a combination follow one another. */
  public List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    for (Map<Parameter, Long> point : points()) {
      for (String policy : policies) {
        for (long seed = 1; seed <= seeds; seed++) {
          runs.add(new Run(runs.size(), policy, point, seed));
        }
      }
    }
    return runs;
  }

  private List<Map<Parameter, Long>> points() {
    List<Map<Parameter, Long>> points = List.of(Map.of());
    for (Parameter parameter : parameters.keySet()) {
      List<Map<Parameter, Long>> longer = new ArrayList<>();
      for (Map<Parameter, Long> point : points) {
        for (long value : values(parameter)) {
          EnumMap<Parameter, Long> with = new EnumMap<>(Parameter.class);
          with.putAll(point);
          with.put(parameter, value);
          longer.add(with);
        }
      }
      points = longer;
    }
    return points;
  }
}
