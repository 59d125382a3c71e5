package dev.bts.cli;

import dev.bts.sim.lab.Counterexample;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Scenario;
import dev.bts.sim.rules.Argument;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Event;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the lab has found, as a tree for {@link Json}. */
final class LabTree {
  /** The key of what can happen beside the usual. */
  static final String EVENTS = "events";

  private static final double NANOS_PER_SECOND = 1e9;

  private LabTree() {}

  static Map<String, Object> of(Exploration found, LabSubject.Chosen chosen) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put(chosen.key(), chosen.name());
    tree.put("machine", machine(chosen.bounds()));
    tree.put("verdict", found.verdict().name().toLowerCase(Locale.ROOT));
    tree.put("ended", found.ended());
    tree.put("states", found.states());
    tree.put("transitions", found.transitions());
    tree.put("depth", found.depth());
    tree.put("bytes", found.bytes());
    tree.put("seconds", found.nanos() / NANOS_PER_SECOND);
    Counterexample counterexample = found.counterexample();
    tree.put("counterexample", counterexample == null ? null : of(counterexample));
    return tree;
  }

  static Map<String, Object> of(Counterexample counterexample) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("broken", invariants(counterexample.broken()));
    tree.put("steps", steps(Scenario.of(counterexample).run()));
    return tree;
  }

  static List<Object> steps(List<Scenario.Step> steps) {
    List<Object> trees = new ArrayList<>();
    for (Scenario.Step step : steps) {
      Map<String, Object> tree = new LinkedHashMap<>(operation(step.operation()));
      tree.put("text", step.text());
      tree.put("accounts", step.accounts());
      tree.put("broken", invariants(step.broken()));
      trees.add(tree);
    }
    return trees;
  }

  /** Returns an operation with its arguments by key. */
  static Map<String, Object> operation(int operation) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("do", Operation.kind(operation).label());
    int[] values = Operation.arguments(operation);
    List<Argument> arguments = Operation.kind(operation).arguments();
    for (int i = 0; i < values.length; i++) {
      tree.put(arguments.get(i).key(), values[i]);
    }
    return tree;
  }

  static List<Integer> invariants(List<Invariant> invariants) {
    return invariants.stream().map(Invariant::number).toList();
  }

  /** Returns a machine: its numbers, and what can happen on it beside the usual. */
  static Map<String, Object> machine(Bounds bounds) {
    Map<String, Object> tree = new LinkedHashMap<>(numbers(bounds));
    tree.put(
        EVENTS,
        EnumSet.allOf(Event.class).stream()
            .filter(bounds.events()::contains)
            .map(Event::label)
            .toList());
    return tree;
  }

  static Map<String, Integer> numbers(Bounds bounds) {
    Map<String, Integer> tree = new LinkedHashMap<>();
    tree.put("tasks", bounds.tasks());
    tree.put("users", bounds.users());
    tree.put("namespaces", bounds.namespaces());
    tree.put("groups", bounds.groups());
    tree.put("buffers", bounds.buffers());
    tree.put("pages", bounds.pages());
    tree.put("limit", bounds.limit());
    tree.put("address-space", bounds.addressSpace());
    tree.put("gift", bounds.gift());
    tree.put("processes", bounds.processes());
    tree.put("capable", bounds.capable());
    return tree;
  }

  /** Returns the bounds of a tree that has them all. */
  static Bounds bounds(Map<String, @Nullable Integer> tree) {
    int[] values =
        numbers(Bounds.SMALL).keySet().stream()
            .mapToInt(key -> tree.getOrDefault(key, 0))
            .toArray();
    return new Bounds(
        values[0],
        values[1],
        values[2],
        values[3],
        values[4],
        values[5],
        values[6],
        values[7],
        values[8],
        values[9],
        values[10]);
  }
}
