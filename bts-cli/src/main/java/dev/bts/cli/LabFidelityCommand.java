package dev.bts.cli;

import dev.bts.accounting.operations.Fidelity;
import dev.bts.accounting.operations.LiveMachine;
import dev.bts.accounting.operations.MachineModel;
import dev.bts.accounting.operations.Operation;
import dev.bts.cli.text.TextOutput;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bts lab fidelity}: the simulated kernel beside the running one, step by step. */
@Command(
    name = LabFidelityCommand.NAME,
    mixinStandardHelpOptions = true,
    description = {
      "Runs random sequences of operations on real processes of ordinary users and on the simulated"
          + " kernel, and compares every result and every counter of locked memory after each step.",
      "As root the processes are of users whom nobody else is. Otherwise they are yours; a sequence"
          + " during which another process of yours moves a counter proves nothing and is told."
    },
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the two never differed",
      "1:a difference, which is printed with the command that shows it again",
      "2:wrong usage",
      "3:partial: not all that was asked for could be compared"
    },
    footer = {
      "",
      "Examples:",
      "  bts lab fidelity --sequences 10000",
      "  bts lab fidelity --seed 7 --sequences 1",
      "  bts lab fidelity --replay 'start p0 u0 u0; shmget p0 s0 8; shm-lock p0 s0'"
    })
final class LabFidelityCommand implements Callable<Integer>, Verb {
  static final String NAME = "fidelity";

  private static final int OPERATIONS_MOST = 10_000;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Console console;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many sequences. Default: ${DEFAULT-VALUE}.")
  private long sequences;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "The seed of the first; the others follow it. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--operations",
      paramLabel = "N",
      defaultValue = "30",
      description = "How many operations each has. Default: ${DEFAULT-VALUE}.")
  private int operations;

  @Option(
      names = "--replay",
      paramLabel = "SEQUENCE",
      description = "Run this sequence and print the counters after every step.")
  private @Nullable String replay;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before anything is called.
  private CommandSpec spec;

  /** Creates the verb. */
  LabFidelityCommand(Console console) {
    this.console = console;
  }

  @Override
  public int failureStatus() {
    return ExitCode.PARTIAL;
  }

  @Override
  public Integer call() {
    if (sequences < 1 || operations < 1 || operations > OPERATIONS_MOST) {
      throw new ParameterException(
          spec.commandLine(),
          "--sequences is at least 1, --operations from 1 to " + OPERATIONS_MOST);
    }
    List<Operation> given = replay == null ? List.of() : parse(replay);
    MachineModel model = MachineModel.installed();
    try (LiveMachine.Stage stage = LiveMachine.installed().open()) {
      Fidelity fidelity = new Fidelity(model, stage);
      Fidelity.Report report = given.isEmpty() ? random(fidelity) : replay(fidelity, given);
      FidelityText text = new FidelityText(stage.facts(), model.kernel(stage.facts()), report);
      if (json) {
        Json.print(console.out(), text.tree());
      } else {
        try (TextOutput out = new TextOutput(console.out())) {
          text.print(out);
        }
      }
      if (report.finding().isPresent()) {
        return ExitCode.FAILURE;
      }
      return report.sequences() < (given.isEmpty() ? sequences : 1)
          ? ExitCode.PARTIAL
          : ExitCode.OK;
    }
  }

  private List<Operation> parse(String text) {
    List<Operation> sequence;
    try {
      sequence = Operation.parseSequence(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--replay: " + e.getMessage(), e);
    }
    if (sequence.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--replay: there is no operation in it");
    }
    return sequence;
  }

  private Fidelity.Report random(Fidelity fidelity) {
    AtomicInteger stop = new AtomicInteger();
    LabProgress progress = new LabProgress(console);
    long start = System.nanoTime();
    StopSignals signals = new StopSignals(true, stop::set);
    try {
      return fidelity.random(
          seed,
          sequences,
          operations,
          (done, steps) -> {
            progress.show(() -> text(done, steps, System.nanoTime() - start));
            return stop.get() == 0;
          });
    } finally {
      signals.close();
      progress.finish();
    }
  }

  private String text(long done, long steps, long nanos) {
    long rate = (long) (steps * NANOS_PER_SECOND / Math.max(1, nanos));
    return done + " of " + sequences + " sequences, " + rate + " steps/s";
  }

  private Fidelity.Report replay(Fidelity fidelity, List<Operation> sequence) {
    try (TextOutput out = new TextOutput(console.out())) {
      return fidelity.replay(
          sequence,
          (operation, result, counters) -> {
            if (!json) {
              out.text(operation + " = " + result + "\n    " + counters + "\n");
            }
          });
    }
  }
}
