package dev.bts.cli.experiment;

import dev.bts.sim.experiment.Experiment;
import dev.bts.sim.experiment.Metric;
import dev.bts.sim.experiment.Parameter;
import dev.bts.sim.experiment.Summary;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;

/** An experiment's results as a table for the terminal, and as CSV. */
final class ExperimentText {
  private ExperimentText() {}

  /** Returns the columns' names: policy, what is varied, the metrics. */
  static List<String> titles(Experiment experiment) {
    List<String> titles = new ArrayList<>();
    titles.add("policy");
    experiment.varied().forEach(parameter -> titles.add(parameter.key()));
    for (Metric metric : Metric.values()) {
      titles.add(metric.key());
    }
    return titles;
  }

  /** Returns the cells of one policy at one combination, means where seeds differ. */
  static List<String> cells(Experiment experiment, Summary summary) {
    List<String> cells = new ArrayList<>();
    cells.add(summary.policy());
    for (Parameter parameter : experiment.varied()) {
      cells.add(parameter.text(summary.values().getOrDefault(parameter, parameter.usual())));
    }
    for (Metric metric : Metric.values()) {
      cells.add(cell(summary.metric(metric)));
    }
    return cells;
  }

  /** A mean with one decimal, or the number itself where all are the same. */
  private static String cell(LongSummaryStatistics numbers) {
    if (numbers.getMin() == numbers.getMax()) {
      return Long.toString(numbers.getMin());
    }
    return BigDecimal.valueOf(numbers.getSum())
        .divide(BigDecimal.valueOf(numbers.getCount()), 1, RoundingMode.HALF_EVEN)
        .toPlainString();
  }

  /** Returns a table with aligned columns. */
  static String table(Experiment experiment, List<Summary> summaries) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(titles(experiment));
    summaries.forEach(summary -> rows.add(cells(experiment, summary)));
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    int named = 1 + experiment.varied().size();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String padding = " ".repeat(widths[i] - row.get(i).length());
        line.append(i < named ? row.get(i) + padding : padding + row.get(i)).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** Returns the same as RFC 4180 has it; no cell needs quotes. */
  static String csv(Experiment experiment, List<Summary> summaries) {
    StringBuilder text = new StringBuilder();
    text.append(String.join(",", titles(experiment))).append("\r\n");
    summaries.forEach(
        summary -> text.append(String.join(",", cells(experiment, summary))).append("\r\n"));
    return text.toString();
  }
}
