package dev.bts.it;

import dev.bts.api.BranchTracers;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.testing.ReferenceStepper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures single-stepping: the reference stepper in C, tracer and tracee on one CPU, and the
 * mechanism SINGLE_STEP, on the same program, turn by turn in one run. Prints the steps per second
 * of every round, the medians and their ratio.
 *
 * <p>The first round warms up and does not count. Both count taken branches and write none. Start
 * of the program to end of the program is measured, without the start of the tracer.
 */
final class SteppingBenchmark {
  private static final int ROUNDS = 5;
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");
  private static final double NANOS_PER_SECOND = 1e9;

  private SteppingBenchmark() {}

  /** Takes the command to trace as arguments; without any, it is {@code /bin/true}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> command = arguments.length == 0 ? List.of("/bin/true") : List.of(arguments);
    Path directory = Files.createTempDirectory("stepping-benchmark");
    double[] reference = new double[ROUNDS];
    double[] bts = new double[ROUNDS];
    System.out.printf(
        "%-10s %14s %14s   (steps per second)%n", "round", "C stepper", "single-step");
    for (int round = -1; round < ROUNDS; round++) {
      ReferenceRun run = runReference(command, directory);
      double speed = run.steps() / trace(command, directory, run.branches());
      System.out.printf(
          "%-10s %14.0f %14.0f%n",
          round < 0 ? "warm-up" : String.valueOf(round + 1), run.stepsPerSecond(), speed);
      if (round >= 0) {
        reference[round] = run.stepsPerSecond();
        bts[round] = speed;
      }
    }
    System.out.printf(
        "%-10s %14.0f %14.0f   ratio %.2f%n",
        "median", median(reference), median(bts), median(bts) / median(reference));
    for (String file : List.of("stdout", "stderr")) {
      Files.deleteIfExists(directory.resolve(file));
    }
    Files.delete(directory);
  }

  private record ReferenceRun(long steps, long branches, double stepsPerSecond) {}

  private static ReferenceRun runReference(List<String> command, Path directory)
      throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(ReferenceStepper.compile().toString(), "--pin", "--count-only", "--"));
    line.addAll(command);
    CommandRun run = CommandRun.of(line, ENVIRONMENT, directory);
    Matcher figures =
        Pattern.compile("steps=(\\d+) branches=(\\d+) .* steps_per_second=(\\d+)")
            .matcher(run.errors());
    if (!figures.find()) {
      throw new IllegalStateException("the stepper printed no figures: " + run.errors());
    }
    return new ReferenceRun(
        Long.parseLong(figures.group(1)),
        Long.parseLong(figures.group(2)),
        Double.parseDouble(figures.group(3)));
  }

  /** Traces the command and returns how many seconds it took. */
  private static double trace(List<String> command, Path directory, long expectedBranches)
      throws InterruptedException {
    CountingSink sink = new CountingSink();
    TraceRequest request =
        TraceRequest.command(command)
            .environment(ENVIRONMENT)
            .directory(directory)
            .withoutRandomization()
            .mechanisms(Mechanism.SINGLE_STEP)
            .sink(sink)
            .build();
    long nanos;
    try (TraceSession session = BranchTracers.named("kernel").open(request)) {
      long start = System.nanoTime();
      session.start();
      session.await();
      nanos = System.nanoTime() - start;
    }
    if (sink.branches != expectedBranches) {
      // The vDSO branches differently from run to run; anything else would be another program.
      System.out.printf("%d branches instead of %d%n", sink.branches, expectedBranches);
    }
    return nanos / NANOS_PER_SECOND;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static final class CountingSink implements TraceSink {
    private long branches;

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        branches++;
      }
    }

    @Override
    public void event(SideEvent event) {
      // Only branches are counted.
    }
  }
}
