package dev.bts.cli.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.bts.accounting.Policies;
import dev.bts.api.InvalidRequestException;
import dev.bts.cli.yaml.YamlMapping;
import dev.bts.sim.experiment.Experiment;
import dev.bts.sim.experiment.Metric;
import dev.bts.sim.experiment.Parameter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An experiment as it stands in a YAML file, with the metrics that its page shows as charts.
 *
 * @param experiment what to carry out
 * @param charts the metrics that make a chart, at least one
 */
public record ExperimentFile(Experiment experiment, List<Metric> charts) {
  /** The experiments that come with bts, in the order of the questions of 2008. */
  public static final List<String> SHIPPED =
      List.of("capacity", "cooperation", "crashes", "container");

  private static final int MOST_LINES = 1000;
  private static final int MOST_SEEDS = 10_000;
  private static final List<String> KEYS =
      List.of("experiment", "question", "policies", "parameters", "seeds", "charts");

  /** Copies. */
  public ExperimentFile {
    charts = List.copyOf(charts);
  }

  /** Returns whether a name is that of an experiment, or of a file that looks like one. */
  public static boolean isOne(String name) {
    if (SHIPPED.contains(name)) {
      return true;
    }
    try (Stream<String> lines = Files.lines(Path.of(name))) {
      return lines.limit(MOST_LINES).anyMatch(line -> line.startsWith("experiment:"));
    } catch (IOException | UncheckedIOException cannotBeRead) {
      // Then whoever reads it says why.
      return false;
    }
  }

  /**
   * Reads an experiment that comes with bts, or a file.
   *
   * @param name one of {@link #SHIPPED}, or a path
   * @throws InvalidRequestException if there is none, or something in it is wrong
   */
  public static ExperimentFile read(String name) {
    return new Reader(name).read();
  }

  /** Reads one file, and says of everything where it stands. */
  private static final class Reader {
    private final YamlMapping yaml;

    Reader(String file) {
      yaml =
          new YamlMapping(
              "read the experiment '" + file + "'",
              "a file, or one of those that come with bts: " + String.join(", ", SHIPPED),
              "experiment: NAME",
              () -> open(file));
    }

    ExperimentFile read() {
      JsonNode root = yaml.root();
      yaml.requireKeys(root, KEYS);
      String name = text(root, "experiment");
      if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
        throw yaml.wrong(
            "'experiment: " + name + "' is no name", "use letters, digits, '.', '_' and '-'");
      }
      Experiment experiment =
          new Experiment(
              name, text(root, "question"), policies(root), parameters(root), seeds(root));
      return new ExperimentFile(experiment, charts(root));
    }

    private static InputStream open(String file) throws IOException {
      InputStream shipped =
          SHIPPED.contains(file)
              ? ExperimentFile.class.getResourceAsStream("/experiments/" + file + ".yaml")
              : null;
      return shipped == null ? Files.newInputStream(Path.of(file)) : shipped;
    }

    private String text(JsonNode root, String key) {
      JsonNode node = root.get(key);
      if (node == null || !node.isValueNode() || node.asText().isBlank()) {
        throw yaml.wrong("'" + key + "' is missing", "write '" + key + ": …'");
      }
      return node.asText().strip();
    }

    private List<String> policies(JsonNode root) {
      List<String> names = list(root.get("policies"), "policies");
      if (names.isEmpty()) {
        return Policies.builtIn().stream().map(policy -> policy.name()).toList();
      }
      // Names that there are, or an exception that says which there are.
      return names.stream().map(name -> Policies.named(name).name()).toList();
    }

    private int seeds(JsonNode root) {
      JsonNode node = root.get("seeds");
      if (node == null) {
        return 1;
      }
      if (!node.isInt() || node.asInt() < 1 || node.asInt() > MOST_SEEDS) {
        throw yaml.wrong(
            "'seeds: " + node.asText() + "' is no number from 1 to " + MOST_SEEDS,
            "say how many runs each combination has");
      }
      return node.asInt();
    }

    private Map<Parameter, List<Long>> parameters(JsonNode root) {
      Map<Parameter, List<Long>> parameters = new EnumMap<>(Parameter.class);
      JsonNode node = root.get("parameters");
      if (node == null) {
        return parameters;
      }
      for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
        String key = names.next();
        Parameter parameter =
            Parameter.ofKey(key)
                .orElseThrow(
                    () ->
                        yaml.wrong(
                            "there is no parameter '" + key + "'",
                            "use one of " + keys(Parameter.values())));
        List<Long> values = new ArrayList<>();
        list(node.get(key), key).forEach(text -> values.add(value(parameter, text)));
        parameters.put(parameter, values);
      }
      return parameters;
    }

    private static String keys(Parameter[] parameters) {
      return Arrays.stream(parameters).map(Parameter::key).collect(Collectors.joining(", "));
    }

    private long value(Parameter parameter, String text) {
      long value =
          switch (parameter.kind()) {
            case BYTES -> ByteText.parse(text);
            case CHOICE -> parameter.choices().indexOf(text);
            case COUNT, PERCENT -> number(text.endsWith("%") ? cutLast(text) : text);
          };
      if (!parameter.allows(value)) {
        throw yaml.wrong(
            "'" + parameter.key() + "' cannot be '" + text + "'",
            parameter.choices().isEmpty()
                ? "give the " + parameter.description()
                : "use one of " + String.join(", ", parameter.choices()));
      }
      return value;
    }

    private static String cutLast(String text) {
      return text.substring(0, text.length() - 1);
    }

    private static long number(String text) {
      return text.matches("\\d{1,9}") ? Long.parseLong(text) : -1;
    }

    private List<Metric> charts(JsonNode root) {
      List<String> names = list(root.get("charts"), "charts");
      List<Metric> charts = new ArrayList<>();
      for (String name : names) {
        charts.add(
            Arrays.stream(Metric.values())
                .filter(metric -> metric.key().equals(name))
                .findFirst()
                .orElseThrow(
                    () ->
                        yaml.wrong(
                            "there is no metric '" + name + "'",
                            "use one of "
                                + Arrays.stream(Metric.values())
                                    .map(Metric::key)
                                    .collect(Collectors.joining(", ")))));
      }
      return charts.isEmpty() ? List.of(Metric.TRACED, Metric.PEAK_USER) : charts;
    }

    private List<String> list(@Nullable JsonNode node, String key) {
      List<String> texts = new ArrayList<>();
      if (node == null) {
        return texts;
      }
      if (node.isValueNode()) {
        texts.add(node.asText());
      } else if (node.isArray()) {
        for (JsonNode element : node) {
          if (!element.isValueNode()) {
            throw yaml.wrong(
                "'" + key + "' has a value that is neither text nor number", "name values");
          }
          texts.add(element.asText());
        }
      } else {
        throw yaml.wrong(
            "'" + key + "' is neither a value nor a list", "write '" + key + ": [a, b]'");
      }
      return texts;
    }
  }
}
