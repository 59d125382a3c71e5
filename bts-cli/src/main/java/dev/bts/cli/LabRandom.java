package dev.bts.cli;

import dev.bts.cli.text.TextOutput;
import dev.bts.sim.lab.Counterexample;
import dev.bts.sim.lab.Swarm;
import dev.bts.sim.rules.Invariant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The random mode of {@code bts lab check}: its options, and what it says. */
final class LabRandom {
  private static final double NANOS_PER_SECOND = 1e9;

  @Option(
      names = "--random",
      paramLabel = "N",
      description =
          "Make N random walks of --depth steps instead of looking at all, on machines that are too"
              + " large for that. A finding is made short; none proves nothing. Default depth: "
              + Swarm.DEFAULT_STEPS
              + ". --states and --no-symmetry are for the complete mode.")
  private @Nullable Long walks;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "The seed of the first walk; the others follow it. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  /** Returns whether this mode was asked for. */
  boolean isAsked() {
    return walks != null;
  }

  Swarm.Result look(
      LabSubject.Chosen chosen,
      int invariants,
      @Nullable Integer depth,
      int threads,
      Console console) {
    Swarm.Plan plan =
        new Swarm.Plan(
            chosen.rules(),
            chosen.bounds(),
            invariants,
            seed,
            walks == null ? 0 : walks,
            depth == null ? Swarm.DEFAULT_STEPS : depth,
            threads);
    AtomicBoolean stopped = new AtomicBoolean();
    LabProgress progress = new LabProgress(console);
    StopSignals signals = new StopSignals(true, signal -> stopped.set(true));
    try {
      return Swarm.look(
          plan,
          (made, steps) -> {
            progress.show(() -> String.format(Locale.ROOT, "%,d walks, %,d steps", made, steps));
            return !stopped.get();
          });
    } finally {
      signals.close();
      progress.finish();
    }
  }

  static void print(TextOutput out, Swarm.Result found, LabSubject.Chosen chosen) {
    out.text(chosen.label() + ": " + found.sentence()).ascii('\n');
    Counterexample counterexample = found.counterexample();
    if (counterexample != null) {
      counterexample.steps().forEach(line -> out.text(line).ascii('\n'));
      out.text(
              "found in step "
                  + found.found()
                  + " of a random walk and made short; again: "
                  + replay(found, chosen))
          .ascii('\n');
    }
    out.text(
            "machine "
                + chosen.bounds()
                + "; "
                + found.walks()
                + " walks from seed "
                + found.plan().seed()
                + ", "
                + found.steps()
                + " steps, "
                + found.stepsPerSecond()
                + " steps/s")
        .ascii('\n');
  }

  /** Returns the command that makes the walk with the finding again. */
  private static String replay(Swarm.Result found, LabSubject.Chosen chosen) {
    Swarm.Plan plan = found.plan();
    String invariants =
        Invariant.of(plan.invariants()).stream()
            .map(invariant -> Integer.toString(invariant.number()))
            .collect(Collectors.joining(","));
    return "bts lab check "
        + chosen.options()
        + " "
        + chosen.bounds()
        + (plan.invariants() == Invariant.ALL ? "" : " --invariant " + invariants)
        + " --random 1 --seed "
        + found.seed()
        + " --depth "
        + plan.steps();
  }

  static Map<String, Object> tree(Swarm.Result found, LabSubject.Chosen chosen) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put(chosen.key(), chosen.name());
    tree.put("machine", LabTree.machine(chosen.bounds()));
    Counterexample counterexample = found.counterexample();
    tree.put("verdict", counterexample == null ? "partial" : "broken");
    tree.put("walks", found.walks());
    tree.put("steps", found.steps());
    tree.put("seconds", found.nanos() / NANOS_PER_SECOND);
    tree.put("seed", found.seed());
    tree.put("counterexample", counterexample == null ? null : LabTree.of(counterexample));
    tree.put("replay", counterexample == null ? null : replay(found, chosen));
    return tree;
  }
}
