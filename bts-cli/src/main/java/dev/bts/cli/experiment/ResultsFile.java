package dev.bts.cli.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.experiment.Experiment;
import dev.bts.sim.experiment.Metric;
import dev.bts.sim.experiment.Result;
import dev.bts.sim.experiment.Run;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The results of an experiment, one JSON object a line, written as they come: what an interrupted
 * experiment has is not computed again.
 *
 * <p>The first line says which experiment it is. A last line that was cut off is dropped.
 */
final class ResultsFile implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Map<Integer, Result> done = new HashMap<>();
  private final BufferedWriter out;

  /**
   * Opens the file of an experiment, or begins one.
   *
   * @throws InvalidRequestException if there is one of another experiment
   */
  ResultsFile(Path file, Experiment experiment) throws IOException {
    this.file = file;
    String title = JSON.writeValueAsString(title(experiment));
    if (Files.exists(file)) {
      List<String> lines = Files.readAllLines(file);
      if (lines.isEmpty() || !lines.get(0).equals(title)) {
        throw new InvalidRequestException(
            new Explanation(
                "continue the experiment '" + experiment.name() + "'",
                file + " has the results of another one, or of other parameters",
                "name another directory with -o, or remove that file"));
      }
      readResults(experiment.runs(), lines);
    }
    // Written anew, so that nothing is behind what was understood.
    out =
        Files.newBufferedWriter(
            file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    line(title);
    for (Run run : experiment.runs()) {
      Result known = done.get(run.number());
      if (known != null) {
        add(known);
      }
    }
  }

  private static ObjectNode title(Experiment experiment) {
    ObjectNode node = JSON.createObjectNode().put("experiment", experiment.name());
    node.putPOJO("policies", experiment.policies());
    ObjectNode parameters = node.putObject("parameters");
    experiment
        .parameters()
        .forEach(
            (parameter, values) ->
                parameters.putPOJO(parameter.key(), values.stream().map(parameter::text).toList()));
    return node.put("seeds", experiment.seeds());
  }

  private void readResults(List<Run> runs, List<String> lines) {
    for (String line : lines.subList(1, lines.size())) {
      Result result = parse(runs, line);
      if (result == null) {
        return;
      }
      done.put(result.run().number(), result);
    }
  }

  /** Returns null for what was cut off. */
  private static @Nullable Result parse(List<Run> runs, String line) {
    try {
      JsonNode node = JSON.readTree(line);
      int number = node.path("run").asInt(-1);
      Map<Metric, Long> values = new EnumMap<>(Metric.class);
      for (Metric metric : Metric.values()) {
        JsonNode value = node.path("metrics").path(metric.key());
        if (!value.isIntegralNumber()) {
          return null;
        }
        values.put(metric, value.asLong());
      }
      return number < 0 || number >= runs.size() ? null : new Result(runs.get(number), values);
    } catch (JsonProcessingException cutOff) {
      return null;
    }
  }

  /** Returns the results that were there, by the number of the run. */
  Map<Integer, Result> done() {
    return done;
  }

  /** Adds a result. */
  void add(Result result) {
    ObjectNode node = JSON.createObjectNode().put("run", result.run().number());
    ObjectNode metrics = node.putObject("metrics");
    result.values().forEach((metric, value) -> metrics.put(metric.key(), value));
    try {
      line(JSON.writeValueAsString(node));
    } catch (IOException e) {
      throw new UncheckedIOException("write " + file, e);
    }
  }

  private void line(String text) throws IOException {
    out.write(text);
    out.write('\n');
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
