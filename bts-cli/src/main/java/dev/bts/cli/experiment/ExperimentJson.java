package dev.bts.cli.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bts.sim.experiment.Experiment;
import dev.bts.sim.experiment.Metric;
import dev.bts.sim.experiment.Summary;
import java.util.List;
import java.util.LongSummaryStatistics;

/** An experiment's results as JSON. */
final class ExperimentJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ExperimentJson() {}

  /** Returns the experiment, what its metrics are, and least, mean and most of each. */
  static String of(Experiment experiment, List<Summary> summaries) {
    ObjectNode root = JSON.createObjectNode();
    root.put("experiment", experiment.name());
    root.put("question", experiment.question());
    root.put("seeds", experiment.seeds());
    ObjectNode metrics = root.putObject("metrics");
    for (Metric metric : Metric.values()) {
      metrics.put(metric.key(), metric.description());
    }
    ArrayNode results = root.putArray("results");
    summaries.forEach(summary -> add(results.addObject(), experiment, summary));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(ObjectNode node, Experiment experiment, Summary summary) {
    node.put("policy", summary.policy());
    ObjectNode parameters = node.putObject("parameters");
    experiment
        .parameters()
        .keySet()
        .forEach(
            parameter ->
                parameters.put(
                    parameter.key(),
                    parameter.text(summary.values().getOrDefault(parameter, parameter.usual()))));
    ObjectNode metrics = node.putObject("metrics");
    for (Metric metric : Metric.values()) {
      LongSummaryStatistics numbers = summary.metric(metric);
      metrics
          .putObject(metric.key())
          .put("min", numbers.getMin())
          .put("mean", numbers.getAverage())
          .put("max", numbers.getMax());
    }
  }
}
