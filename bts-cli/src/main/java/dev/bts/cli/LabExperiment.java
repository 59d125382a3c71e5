package dev.bts.cli;

import dev.bts.cli.experiment.ExperimentFile;
import dev.bts.cli.experiment.ExperimentRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An experiment on the command line: its progress, its interruption, its results. */
final class LabExperiment {
  private final Console console;
  private final boolean json;

  LabExperiment(Console console, boolean json) {
    this.console = console;
    this.json = json;
  }

  /** Returns the exit status. */
  int carryOut(ExperimentFile file, @Nullable Path output, int threads) throws IOException {
    int runs = file.experiment().runs().size();
    LabProgress progress = new LabProgress(console);
    Thread worker = Thread.currentThread();
    StopSignals signals = new StopSignals(true, signal -> worker.interrupt());
    try {
      ExperimentRun run =
          ExperimentRun.of(
              file, output, threads, done -> progress.show(() -> done + " of " + runs + " runs"));
      progress.finish();
      console.out().write((json ? run.json() : run.table()).getBytes(StandardCharsets.UTF_8));
      console.out().flush();
      return ExitCode.OK;
    } catch (InterruptedException interrupted) {
      progress.finish();
      console
          .err()
          .println(
              output == null
                  ? "bts: interrupted; with -o DIR an experiment can go on later"
                  : "bts: interrupted; the same command goes on with what is in " + output);
      return ExitCode.PARTIAL;
    } finally {
      signals.close();
    }
  }
}
