package dev.bts.it;

import dev.bts.api.BranchTracers;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Measures the software BTS: a program followed without being traced, and translated with a sink
 * that reads every record, turn by turn in one run. Prints the seconds of every round, the medians
 * and their ratio.
 *
 * <p>The first round warms up and does not count. Start of the program to end of the program is
 * measured, without the start of the tracer.
 */
final class TranslationBenchmark {
  private static final int ROUNDS = 5;
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");
  private static final double NANOS_PER_SECOND = 1e9;

  private TranslationBenchmark() {}

  /** Takes the command to trace as arguments; without any, it is a sort of much. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> command =
        arguments.length == 0
            ? List.of(TraceePrograms.compile("sorts").toString(), "60", "200000")
            : List.of(arguments);
    Path directory = Files.createTempDirectory("translation-benchmark");
    double[] followed = new double[ROUNDS];
    double[] translated = new double[ROUNDS];
    System.out.printf("%-10s %10s %14s   (seconds)%n", "round", "followed", "software-bts");
    for (int round = -1; round < ROUNDS; round++) {
      CountingSink sink = new CountingSink();
      double none = run(command, directory, Mechanism.NONE, new CountingSink());
      double software = run(command, directory, Mechanism.SOFTWARE_BTS, sink);
      System.out.printf(
          "%-10s %10.3f %14.3f   %d branches%n",
          round < 0 ? "warm-up" : String.valueOf(round + 1), none, software, sink.branches);
      if (round >= 0) {
        followed[round] = none;
        translated[round] = software;
      }
    }
    System.out.printf(
        "%-10s %10.3f %14.3f   ratio %.2f%n",
        "median", median(followed), median(translated), median(translated) / median(followed));
    Files.delete(directory);
  }

  private static double run(
      List<String> command, Path directory, Mechanism mechanism, CountingSink sink)
      throws InterruptedException {
    TraceRequest request =
        TraceRequest.command(command)
            .environment(ENVIRONMENT)
            .directory(directory)
            .mechanisms(mechanism)
            .sink(sink)
            .build();
    try (TraceSession session = BranchTracers.named("kernel").open(request)) {
      long start = System.nanoTime();
      session.start();
      session.await();
      return (System.nanoTime() - start) / NANOS_PER_SECOND;
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static final class CountingSink implements TraceSink {
    private long branches;
    private long sum;

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        branches++;
        sum += cursor.from() ^ cursor.to();
      }
    }

    @Override
    public void event(SideEvent event) {
      // A sum that nobody could use would not have to be computed.
      if (event instanceof SideEvent.ProcessExited && sum == 0) {
        branches = 0;
      }
    }
  }
}
