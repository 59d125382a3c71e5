package dev.bts.sim.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Carries out experiments, several runs at a time.
 *
 * <p>A result depends on its run alone, so the results are the same, and in the same order, however
 * many threads there are and whatever was done before.
 */
public final class Laboratory {
  private Laboratory() {}

  /**
   * Carries out the runs that have no result yet.
   *
   * @param done results of earlier, by the number of the run
   * @param threads how many runs there are at one time
   * @param finished is told each new result, in the order of the runs; what it throws ends the
   *     experiment
   * @return all results in the order of the runs
   * @throws InterruptedException if the thread was interrupted; what was finished was told
   */
  public static List<Result> carryOut(
      Experiment experiment, Map<Integer, Result> done, int threads, Consumer<Result> finished)
      throws InterruptedException {
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Run> runs = experiment.runs();
      List<Future<Result>> pending = new ArrayList<>();
      for (Run run : runs) {
        Result known = done.get(run.number());
        pending.add(workers.submit(() -> known == null ? Workload.measure(run) : known));
      }
      List<Result> results = new ArrayList<>();
      for (Future<Result> each : pending) {
        Result result = get(each);
        if (!done.containsKey(result.run().number())) {
          finished.accept(result);
        }
        results.add(result);
      }
      return results;
    } finally {
      workers.shutdownNow();
    }
  }

  private static Result get(Future<Result> result) throws InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      if (e.getCause() instanceof Error failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
