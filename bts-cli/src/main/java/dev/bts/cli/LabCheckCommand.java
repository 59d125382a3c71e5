package dev.bts.cli;

import dev.bts.cli.text.TextOutput;
import dev.bts.sim.lab.Counterexample;
import dev.bts.sim.lab.Exploration;
import dev.bts.sim.lab.Explorer;
import dev.bts.sim.lab.Progress;
import dev.bts.sim.lab.Search;
import dev.bts.sim.lab.Swarm;
import dev.bts.sim.rules.Invariant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bts lab check}: does accounting hold, whatever happens? */
@Command(
    name = LabCheckCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Looks at all interleavings of all operations on a small machine, and says whether the"
            + " invariants of accounting hold in every state, or prints a shortest counterexample.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the invariants hold in all reachable states",
      "1:a counterexample was found",
      "2:the question was wrong, or bts failed",
      "3:nothing was found, but not all was looked at"
    },
    footer = {
      "",
      "Examples:",
      "  bts lab check --policy tracee --users 2",
      "  bts lab check --rules row-22 --save row-22.yaml && bts lab run row-22.yaml",
      "  bts lab check --classpath mine.jar --policy com.example.Mine --tasks 4",
      "  bts lab check --policy user --tasks 6 --buffers 6 --pages 8 --limit 12 --random 10000",
      "  bts lab check --rules linux-2.6.31 --json | jq .counterexample.steps[].text"
    })
final class LabCheckCommand implements Callable<Integer>, Verb {
  static final String NAME = "check";

  private static final double NANOS_PER_SECOND = 1e9;
  private static final int MIB_SHIFT = 20;

  private final Console console;

  @Mixin private final LabSubject subject = new LabSubject();

  @Mixin private final LabRandom random = new LabRandom();

  @Option(
      names = "--depth",
      paramLabel = "N",
      description = "Look at no more than N steps. Default: all.")
  private @Nullable Integer depth;

  @Option(
      names = "--states",
      paramLabel = "N",
      description = "Keep no more than N states. Default: " + Search.DEFAULT_STATES + ".")
  private long states = Search.DEFAULT_STATES;

  @Option(names = "--threads", paramLabel = "N", description = "Default: one for each CPU.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--invariant",
      paramLabel = "N",
      split = ",",
      description = "Watch these invariants only, and follow steps that break others.")
  private List<Integer> invariants = new ArrayList<>();

  @Option(
      names = "--no-symmetry",
      description = "Look also at states that differ only in the numbers of tasks and buffers.")
  private boolean noSymmetry;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write the counterexample as a scenario for 'bts lab run'.")
  private @Nullable Path save;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** Creates the verb. */
  LabCheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    LabSubject.Chosen chosen = subject.choose();
    if (random.isAsked()) {
      return lookAtRandom(chosen);
    }
    Search search =
        new Search(
            chosen.rules(),
            chosen.bounds(),
            watched(),
            depth == null ? Search.UNBOUNDED : depth,
            states,
            threads,
            !noSymmetry);
    Exploration found = explore(search);
    save(found.counterexample(), chosen);
    if (json) {
      Json.print(console.out(), LabTree.of(found, chosen));
    } else {
      print(found, chosen);
    }
    return switch (found.verdict()) {
      case HOLDS -> ExitCode.OK;
      case BROKEN -> ExitCode.FAILURE;
      case PARTIAL -> ExitCode.PARTIAL;
    };
  }

  private int lookAtRandom(LabSubject.Chosen chosen) {
    Swarm.Result found = random.look(chosen, watched(), depth, threads, console);
    save(found.counterexample(), chosen);
    if (json) {
      Json.print(console.out(), LabRandom.tree(found, chosen));
    } else {
      try (TextOutput out = new TextOutput(console.out())) {
        LabRandom.print(out, found, chosen);
      }
    }
    return found.counterexample() == null ? ExitCode.PARTIAL : ExitCode.FAILURE;
  }

  private void save(@Nullable Counterexample counterexample, LabSubject.Chosen chosen) {
    if (save != null && counterexample != null) {
      ScenarioFile.write(save, chosen, counterexample);
    }
  }

  private int watched() {
    int bits = 0;
    for (Invariant invariant : Invariant.values()) {
      bits |= invariants.contains(invariant.number()) ? invariant.bit() : 0;
    }
    return bits == 0 ? Invariant.ALL : bits;
  }

  private Exploration explore(Search search) {
    AtomicBoolean stopped = new AtomicBoolean();
    LabProgress progress = new LabProgress(console);
    StopSignals signals = new StopSignals(true, signal -> stopped.set(true));
    try {
      return Explorer.explore(
          search,
          reached -> {
            progress.show(() -> text(reached));
            return !stopped.get();
          });
    } finally {
      signals.close();
      progress.finish();
    }
  }

  private static String text(Progress reached) {
    return String.format(
        Locale.ROOT,
        "%,d states, %,d/s, step %d, %,d to look at, %d MiB",
        reached.states(),
        (long) (reached.states() * NANOS_PER_SECOND / reached.nanos()),
        reached.depth() + 1,
        reached.frontier(),
        reached.bytes() >> MIB_SHIFT);
  }

  private void print(Exploration found, LabSubject.Chosen chosen) {
    try (TextOutput out = new TextOutput(console.out())) {
      out.text(chosen.label() + ": " + found.sentence()).ascii('\n');
      Counterexample counterexample = found.counterexample();
      if (counterexample != null) {
        counterexample.steps().forEach(line -> out.text(line).ascii('\n'));
      }
      out.text(
              "machine "
                  + chosen.bounds()
                  + "; "
                  + found.states()
                  + " states, "
                  + found.transitions()
                  + " steps, depth "
                  + found.depth()
                  + ", "
                  + found.statesPerSecond()
                  + " states/s, "
                  + found.bytes() / Math.max(1, found.states())
                  + " bytes/state")
          .ascii('\n');
    }
  }

  /** A failure must not look like a counterexample. */
  @Override
  public int failureStatus() {
    return ExitCode.USAGE;
  }
}
