package dev.bts.accounting.operations;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/** Executes a sequence on a model and on a machine, and compares them after every step. */
final class Comparison {
  /** Told what was executed, for those who want to look. */
  interface Listener {
    /** An operation was executed on both sides, with this result and these counters. */
    void executed(Operation operation, String result, SortedMap<String, Long> counters);
  }

  private final MachineModel.Executor model;
  private final OperationExecutor machine;
  private final Listener listener;
  private int executed;
  private int refused;

  private Comparison(MachineModel.Executor model, OperationExecutor machine, Listener listener) {
    this.model = model;
    this.machine = machine;
    this.listener = listener;
  }

  /** Compares; operations that are not applicable when their turn comes are left out. */
  static Compared run(
      List<Operation> sequence, MachineModel model, LiveMachine.Stage stage, Listener listener) {
    try (LiveMachine.Run machine = stage.begin();
        MachineModel.Executor like = model.start(machine.facts())) {
      Comparison comparison = new Comparison(like, machine, listener);
      Optional<Difference> difference = Optional.empty();
      for (int i = 0; i < sequence.size() && difference.isEmpty(); i++) {
        difference = comparison.step(i + 1, sequence.get(i));
      }
      return new Compared(
          comparison.executed, comparison.refused, difference, machine.disturbance());
    }
  }

  private Optional<Difference> step(int number, Operation operation) {
    if (!model.applicable(operation)) {
      return Optional.empty();
    }
    String expected = model.execute(operation);
    String result = machine.execute(operation);
    if (!expected.equals(result)) {
      return Optional.of(new Difference(number, operation, "result", expected, result));
    }
    executed++;
    refused += result.equals(OperationExecutor.OK) ? 0 : 1;
    SortedMap<String, Long> predicted = model.counters(Collections.emptySortedMap());
    SortedMap<String, Long> counters = machine.counters(predicted);
    listener.executed(operation, result, counters);
    TreeSet<String> names = new TreeSet<>(predicted.keySet());
    names.addAll(counters.keySet());
    for (String name : names) {
      String said = String.valueOf(predicted.get(name));
      String measured = String.valueOf(counters.get(name));
      if (!said.equals(measured)) {
        return Optional.of(new Difference(number, operation, name, said, measured));
      }
    }
    return Optional.empty();
  }
}
