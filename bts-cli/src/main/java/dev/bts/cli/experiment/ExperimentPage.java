package dev.bts.cli.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bts.sim.experiment.Experiment;
import dev.bts.sim.experiment.Metric;
import dev.bts.sim.experiment.Parameter;
import dev.bts.sim.experiment.Summary;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An experiment's results as one HTML page with charts and the whole table, which needs nothing
 * else: the charts' library stands in it.
 */
final class ExperimentPage {
  private static final String LIBRARY =
      "META-INF/resources/webjars/chart.js/4.4.9/dist/chart.umd.js";
  private static final String TEMPLATE = "experiments/page.html";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ExperimentPage() {}

  /** Returns the page. */
  static String of(ExperimentFile file, List<Summary> summaries) {
    Experiment experiment = file.experiment();
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("title", escaped(experiment.name()));
    parts.put("question", escaped(experiment.question()));
    parts.put("setting", escaped(setting(experiment)));
    parts.put("metrics", metrics());
    parts.put("table", table(experiment, summaries));
    parts.put("charts", charts(file, summaries));
    parts.put("library", resource(LIBRARY).replace("</script", "<\\/script"));
    String page = resource(TEMPLATE);
    for (Map.Entry<String, String> part : parts.entrySet()) {
      page = page.replace("<!--" + part.getKey() + "-->", part.getValue());
    }
    return page;
  }

  private static String resource(String name) {
    try (InputStream in = ExperimentPage.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("bts was built without " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String setting(Experiment experiment) {
    return experiment.parameters().entrySet().stream()
            .map(
                each ->
                    each.getKey().description()
                        + ": "
                        + each.getValue().stream()
                            .map(each.getKey()::text)
                            .collect(Collectors.joining(", ")))
            .collect(Collectors.joining("; "))
        + "; "
        + experiment.seeds()
        + (experiment.seeds() == 1 ? " run" : " runs")
        + " of each combination";
  }

  private static String metrics() {
    StringBuilder list = new StringBuilder();
    for (Metric metric : Metric.values()) {
      list.append("<dt>")
          .append(escaped(metric.key()))
          .append("</dt><dd>")
          .append(escaped(metric.description()))
          .append("</dd>\n");
    }
    return list.toString();
  }

  private static String table(Experiment experiment, List<Summary> summaries) {
    StringBuilder table = new StringBuilder();
    row(table, "th", ExperimentText.titles(experiment));
    summaries.forEach(summary -> row(table, "td", ExperimentText.cells(experiment, summary)));
    return table.toString();
  }

  private static void row(StringBuilder table, String tag, List<String> cells) {
    table.append("<tr>");
    for (String cell : cells) {
      table.append('<').append(tag).append('>').append(escaped(cell));
      table.append("</").append(tag).append('>');
    }
    table.append("</tr>\n");
  }

  /**
   * Returns, for each metric and each combination of what is varied besides the first parameter, a
   * chart over the values of the first with a bar for each policy.
   */
  private static String charts(ExperimentFile file, List<Summary> summaries) {
    Experiment experiment = file.experiment();
    List<Parameter> varied = experiment.varied();
    ArrayNode charts = JSON.createArrayNode();
    for (Metric metric : file.charts()) {
      groups(varied, summaries)
          .forEach(
              (where, group) -> {
                ObjectNode chart = charts.addObject();
                chart.put("title", metric.description() + where);
                chart.put("axis", varied.isEmpty() ? "" : varied.get(0).description());
                fill(chart, experiment, metric, group);
              });
    }
    try {
      // Within a script element, a tag in a name must not end it.
      return JSON.writeValueAsString(charts).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, List<Summary>> groups(
      List<Parameter> varied, List<Summary> summaries) {
    Map<String, List<Summary>> groups = new LinkedHashMap<>();
    for (Summary summary : summaries) {
      String where =
          varied.stream()
              .skip(1)
              .map(each -> each.key() + " " + each.text(valueOf(summary, each)))
              .collect(Collectors.joining(", "));
      groups
          .computeIfAbsent(where.isEmpty() ? "" : " (" + where + ")", key -> new ArrayList<>())
          .add(summary);
    }
    return groups;
  }

  private static long valueOf(Summary summary, Parameter parameter) {
    return summary.values().getOrDefault(parameter, parameter.usual());
  }

  private static void fill(
      ObjectNode chart, Experiment experiment, Metric metric, List<Summary> group) {
    List<Parameter> varied = experiment.varied();
    ArrayNode labels = chart.putArray("labels");
    if (varied.isEmpty()) {
      labels.add(experiment.name());
    } else {
      experiment
          .parameters()
          .getOrDefault(varied.get(0), List.of())
          .forEach(value -> labels.add(varied.get(0).text(value)));
    }
    ArrayNode series = chart.putArray("series");
    for (String policy : experiment.policies()) {
      ArrayNode values = series.addObject().put("name", policy).putArray("values");
      group.stream()
          .filter(summary -> summary.policy().equals(policy))
          .forEach(summary -> values.add(summary.metric(metric).getAverage()));
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
