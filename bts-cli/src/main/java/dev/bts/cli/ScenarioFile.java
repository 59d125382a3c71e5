package dev.bts.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.bts.api.InvalidRequestException;
import dev.bts.cli.yaml.YamlMapping;
import dev.bts.sim.lab.Counterexample;
import dev.bts.sim.lab.Scenario;
import dev.bts.sim.rules.Argument;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Event;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.Operation;
import dev.bts.sim.rules.OperationKind;
import dev.bts.sim.rules.PolicyRules;
import dev.bts.sim.rules.RuleBook;
import dev.bts.sim.rules.Rules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A scenario as it stands in a YAML file: whose rules, which machine, the steps, and the invariants
 * that the last of them breaks.
 */
final class ScenarioFile {
  private static final List<String> KEYS = List.of("policy", "rules", "machine", "steps", "broken");

  private final YamlMapping yaml;
  private final @Nullable String classpath;

  private ScenarioFile(Path file, @Nullable String classpath) {
    yaml =
        new YamlMapping(
            "scenario " + file,
            "a scenario's file",
            "rules: NAME",
            () -> Files.newInputStream(file));
    this.classpath = classpath;
  }

  /** Writes a counterexample, with what the accounts are after each step as comments. */
  static void write(Path file, LabSubject.Chosen chosen, Counterexample counterexample) {
    StringBuilder yaml = new StringBuilder();
    yaml.append("# ").append(counterexample.sentence()).append('\n');
    yaml.append(chosen.key()).append(": ").append(chosen.name()).append('\n');
    yaml.append("machine: ").append(flow(LabTree.machine(chosen.bounds()))).append('\n');
    yaml.append("steps:\n");
    for (Scenario.Step step : Scenario.of(counterexample).run()) {
      yaml.append("  # ").append(step.text()).append('\n');
      yaml.append("  - ").append(flow(LabTree.operation(step.operation()))).append('\n');
      step.accounts().forEach(line -> yaml.append("  #   ").append(line).append('\n'));
    }
    yaml.append("broken: ").append(LabTree.invariants(counterexample.broken())).append('\n');
    try {
      Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e, e);
    }
  }

  private static String flow(Map<String, ?> map) {
    List<String> entries = new ArrayList<>();
    map.forEach((key, value) -> entries.add(key + ": " + value));
    return "{" + String.join(", ", entries) + "}";
  }

  /**
   * Reads a scenario.
   *
   * @param classpath where a policy's class is, null if it comes with bts
   * @throws InvalidRequestException if something in it is wrong
   */
  static Scenario read(Path file, @Nullable String classpath) {
    return new ScenarioFile(file, classpath).scenario();
  }

  private Scenario scenario() {
    JsonNode root = yaml.root();
    yaml.requireKeys(root, KEYS);
    if (root.has("policy") == root.has("rules")) {
      throw yaml.wrong(
          "it names " + (root.has("policy") ? "two things" : "nothing") + " to try",
          "say 'policy: NAME' or 'rules: NAME'");
    }
    Rules rules;
    Bounds usual;
    if (root.has("rules")) {
      RuleBook.Entry entry = RuleBook.named(root.get("rules").asText());
      rules = entry.rules();
      usual = entry.bounds();
    } else {
      rules = PolicyRules.of(LabSubject.policy(root.get("policy").asText(), classpath));
      usual = Bounds.SMALL;
    }
    Bounds bounds = root.has("machine") ? bounds(root.get("machine"), usual) : usual;
    return new Scenario(rules, bounds, steps(root), broken(root));
  }

  private int number(JsonNode node, String key, int most) {
    JsonNode value = node.get(key);
    if (value == null || !value.isInt() || value.asInt() < 0 || value.asInt() > most) {
      throw yaml.wrong(
          "'"
              + key
              + ": "
              + (value == null ? "" : value.asText())
              + "' in "
              + node
              + " is no number from 0 to "
              + most,
          "write '" + key + ": N'");
    }
    return value.asInt();
  }

  private Bounds bounds(JsonNode machine, Bounds usual) {
    Map<String, @Nullable Integer> values = new HashMap<>(LabTree.numbers(usual));
    List<String> keys = new ArrayList<>(values.keySet());
    keys.add(LabTree.EVENTS);
    yaml.requireKeys(machine, keys);
    for (String key : List.copyOf(values.keySet())) {
      if (machine.has(key)) {
        values.put(key, number(machine, key, Bounds.MOST_PAGES));
      }
    }
    Set<Event> events = EnumSet.noneOf(Event.class);
    machine.path(LabTree.EVENTS).forEach(event -> events.add(Event.named(event.asText())));
    return LabTree.bounds(values).withEvents(machine.has(LabTree.EVENTS) ? events : usual.events());
  }

  private List<Integer> steps(JsonNode root) {
    List<Integer> operations = new ArrayList<>();
    JsonNode steps = root.get("steps");
    if (steps == null || !steps.isArray()) {
      throw yaml.wrong(
          "it has no list of steps", "write 'steps:' and a list of '{do: ..., task: 1}'");
    }
    for (JsonNode step : steps) {
      operations.add(operation(step));
    }
    return operations;
  }

  private int operation(JsonNode step) {
    String name = step.path("do").asText();
    for (OperationKind kind : OperationKind.values()) {
      if (kind.label().equals(name)) {
        List<String> keys = new ArrayList<>(List.of("do"));
        kind.arguments().forEach(argument -> keys.add(argument.key()));
        yaml.requireKeys(step, keys);
        int[] values = new int[kind.arguments().size()];
        for (int i = 0; i < values.length; i++) {
          Argument argument = kind.arguments().get(i);
          values[i] = number(step, argument.key(), Operation.MOST);
        }
        return Operation.of(kind, values);
      }
    }
    List<String> names = new ArrayList<>();
    for (OperationKind kind : OperationKind.values()) {
      names.add(kind.label());
    }
    throw yaml.wrong("nobody can do '" + name + "'", "use one of " + String.join(", ", names));
  }

  private Set<Invariant> broken(JsonNode root) {
    Set<Invariant> broken = EnumSet.noneOf(Invariant.class);
    for (JsonNode number : root.path("broken")) {
      boolean known = false;
      for (Invariant invariant : Invariant.values()) {
        if (number.isInt() && number.asInt() == invariant.number()) {
          broken.add(invariant);
          known = true;
        }
      }
      if (!known) {
        throw yaml.wrong(
            "there is no invariant '" + number.asText() + "'",
            "write 'broken: []' or the numbers of invariants from 1 to "
                + Invariant.values().length);
      }
    }
    return broken;
  }
}
