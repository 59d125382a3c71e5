package dev.bts.cli.experiment;

import dev.bts.sim.experiment.Experiment;
import dev.bts.sim.experiment.Laboratory;
import dev.bts.sim.experiment.Result;
import dev.bts.sim.experiment.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An experiment that is carried out, or continued where it was interrupted, with its results in a
 * directory: {@code results.jsonl} run by run, and {@code results.csv}, {@code results.json} and
 * {@code report.html} at the end.
 *
 * @param file the experiment
 * @param summaries what came out
 */
public record ExperimentRun(ExperimentFile file, List<Summary> summaries) {
  /** Copies. */
  public ExperimentRun {
    summaries = List.copyOf(summaries);
  }

  /**
   * Carries it out.
   *
   * @param directory where the results go, null for nowhere
   * @param threads how many runs there are at one time
   * @param progress is told how many runs are done
   * @throws InterruptedException if it was interrupted: the runs that were finished are kept
   */
  public static ExperimentRun of(
      ExperimentFile file, @Nullable Path directory, int threads, IntConsumer progress)
      throws IOException, InterruptedException {
    Experiment experiment = file.experiment();
    if (directory == null) {
      int[] count = {0};
      List<Result> results =
          Laboratory.carryOut(experiment, Map.of(), threads, result -> progress.accept(++count[0]));
      return new ExperimentRun(file, Summary.of(results));
    }
    Files.createDirectories(directory);
    try (ResultsFile kept = new ResultsFile(directory.resolve("results.jsonl"), experiment)) {
      int[] count = {kept.done().size()};
      List<Result> results =
          Laboratory.carryOut(
              experiment,
              kept.done(),
              threads,
              result -> {
                kept.add(result);
                progress.accept(++count[0]);
              });
      ExperimentRun run = new ExperimentRun(file, Summary.of(results));
      Files.writeString(directory.resolve("results.csv"), run.csv());
      Files.writeString(directory.resolve("results.json"), run.json());
      Files.writeString(directory.resolve("report.html"), run.page());
      return run;
    }
  }

  /** Returns a table for the terminal. */
  public String table() {
    return ExperimentText.table(file.experiment(), summaries);
  }

  /** Returns the table as CSV. */
  public String csv() {
    return ExperimentText.csv(file.experiment(), summaries);
  }

  /** Returns everything as JSON. */
  public String json() {
    return ExperimentJson.of(file.experiment(), summaries);
  }

  /** Returns one HTML page with charts. */
  public String page() {
    return ExperimentPage.of(file, summaries);
  }
}
