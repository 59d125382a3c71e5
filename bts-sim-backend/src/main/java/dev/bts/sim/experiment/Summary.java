package dev.bts.sim.experiment;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;

/**
 * The results of one policy at one combination of parameters, over all seeds.
 *
 * @param policy the policy
 * @param values the parameters that the experiment names
 * @param metrics least, mean and most of each metric
 */
public record Summary(
    String policy, Map<Parameter, Long> values, Map<Metric, LongSummaryStatistics> metrics) {
  private record Key(String policy, Map<Parameter, Long> values) {}

  /** Summarises, in the order of the results. */
  public static List<Summary> of(List<Result> results) {
    Map<Key, Map<Metric, LongSummaryStatistics>> byPoint = new LinkedHashMap<>();
    for (Result result : results) {
      Key key = new Key(result.run().policy(), result.run().values());
      Map<Metric, LongSummaryStatistics> metrics =
          byPoint.computeIfAbsent(key, unseen -> new EnumMap<>(Metric.class));
      result
          .values()
          .forEach(
              (metric, value) ->
                  metrics
                      .computeIfAbsent(metric, unseen -> new LongSummaryStatistics())
                      .accept(value));
    }
    List<Summary> summaries = new ArrayList<>();
    byPoint.forEach((key, metrics) -> summaries.add(new Summary(key.policy, key.values, metrics)));
    return summaries;
  }

  /** Returns what is known of a metric. */
  public LongSummaryStatistics metric(Metric metric) {
    return metrics.getOrDefault(metric, new LongSummaryStatistics());
  }
}
