package dev.bts.accounting.operations;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The comparison of a model with the machine this runs on: random sequences of operations, results
 * and counters compared after every step, and what differs made short.
 *
 * <p>Sequence n of seed s is that of the seed s + n, so each can be had alone.
 */
public final class Fidelity {
  /**
   * What the comparison of many sequences gave.
   *
   * @param sequences how many were compared to their end, or to a difference
   * @param steps operations executed on both sides
   * @param refused how many of them both sides refused with the same errno
   * @param results how often each verb was executed with each result
   * @param disturbed how many proved nothing, because somebody else moved a counter, by reason
   * @param finding the first difference, which ended the comparison
   */
  public record Report(
      long sequences,
      long steps,
      long refused,
      SortedMap<String, Long> results,
      SortedMap<String, Long> disturbed,
      Optional<Finding> finding) {}

  /**
   * A difference.
   *
   * @param seed the seed of the sequence, 0 for one that was given
   * @param sequence the shortest sequence found that shows it
   * @param difference where the two part in it
   */
  public record Finding(long seed, List<Operation> sequence, Difference difference) {
    /** Returns the command that shows it again. */
    public String replay() {
      return "bts lab fidelity --replay '" + Operation.print(sequence) + "'";
    }
  }

  /** Asked after every sequence; may show progress. */
  public interface Progress {
    /**
     * Another sequence is done.
     *
     * @return whether to go on
     */
    boolean done(long sequences, long steps);
  }

  private static final int SHRINKING_TRIES = 400;

  private final MachineModel model;
  private final LiveMachine.Stage stage;
  private final SortedMap<String, Long> results = new TreeMap<>();
  private final SortedMap<String, Long> disturbed = new TreeMap<>();
  private long sequences;
  private long steps;
  private long refused;

  /** Compares a model with what happens on a stage. */
  public Fidelity(MachineModel model, LiveMachine.Stage stage) {
    this.model = model;
    this.stage = stage;
  }

  /** Compares the sequences of a seed and those that follow it, until one differs. */
  public Report random(long seed, long count, int operations, Progress progress) {
    Optional<Finding> finding = Optional.empty();
    for (long i = 0; i < count && finding.isEmpty(); i++) {
      finding = compare(seed + i, SequenceGenerator.generate(seed + i, operations));
      if (!progress.done(i + 1, steps)) {
        break;
      }
    }
    return report(finding);
  }

  /** Compares one sequence. */
  public Report replay(List<Operation> sequence, StepListener listener) {
    Compared compared = Comparison.run(sequence, model, stage, listener::executed);
    count(compared);
    return report(
        compared.difference().map(difference -> new Finding(0, List.copyOf(sequence), difference)));
  }

  /** Told of every step of a replay. */
  public interface StepListener {
    /** An operation had the same result on both sides; these are the machine's counters. */
    void executed(Operation operation, String result, Map<String, Long> counters);
  }

  private Optional<Finding> compare(long seed, List<Operation> sequence) {
    Compared compared =
        Comparison.run(
            sequence,
            model,
            stage,
            (operation, result, counters) ->
                results.merge(operation.verb().text() + " " + result, 1L, Long::sum));
    count(compared);
    if (compared.difference().isEmpty() || compared.disturbed().isPresent()) {
      return Optional.empty();
    }
    List<Operation> shortest =
        new Shrinker(each -> differs(each).isPresent(), SHRINKING_TRIES).shrink(sequence);
    Difference difference = differs(shortest).orElse(compared.difference().get());
    return Optional.of(new Finding(seed, shortest, difference));
  }

  private Optional<Difference> differs(List<Operation> sequence) {
    Compared compared = Comparison.run(sequence, model, stage, (operation, result, counters) -> {});
    return compared.disturbed().isPresent() ? Optional.empty() : compared.difference();
  }

  private void count(Compared compared) {
    if (compared.disturbed().isPresent()) {
      disturbed.merge(compared.disturbed().get(), 1L, Long::sum);
      return;
    }
    sequences++;
    steps += compared.executed();
    refused += compared.refused();
  }

  private Report report(Optional<Finding> finding) {
    return new Report(
        sequences, steps, refused, new TreeMap<>(results), new TreeMap<>(disturbed), finding);
  }
}
