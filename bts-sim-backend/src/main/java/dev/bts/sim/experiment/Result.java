package dev.bts.sim.experiment;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What was measured of a run.
 *
 * @param run the run
 * @param values all metrics
 */
public record Result(Run run, Map<Metric, Long> values) {
  /** Copies, in the order of the metrics. */
  public Result {
    if (values.size() != Metric.values().length) {
      throw new IllegalArgumentException("not all metrics: " + values.keySet());
    }
    values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** Returns a metric's value. */
  public long value(Metric metric) {
    Long value = values.get(metric);
    if (value == null) {
      throw new IllegalStateException("no " + metric);
    }
    return value;
  }
}
