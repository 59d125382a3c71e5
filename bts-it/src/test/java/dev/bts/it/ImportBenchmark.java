package dev.bts.it;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.perfdata.PerfDataOrigin;
import dev.bts.cli.perfdata.PerfDataReader;
import dev.bts.cli.perfdata.PerfDataSink;
import dev.bts.cli.perfdata.PerfDataSummary;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.cli.trace.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures {@code perf script -F brstack} of a perf.data file to nowhere, the reading of the same
 * file by a sink that looks at every branch, and its import into a trace file, these two in this
 * process: turn by turn in one run. Prints the medians.
 *
 * <p>The start of a Java virtual machine is not in it, that of perf is; it takes some milliseconds.
 */
final class ImportBenchmark {
  private static final Path PERF = Path.of("/usr/bin/perf");
  private static final int WARM_UP_ROUNDS = 100;
  private static final int ROUNDS = 25;
  private static final double NANOS_PER_MILLI = 1e6;

  private ImportBenchmark() {}

  /** Takes the recording as an argument; without, it is that of the tests. */
  public static void main(String[] arguments) throws IOException {
    if (!Files.isExecutable(PERF)) {
      System.out.println("SKIPPED: there is no " + PERF);
      return;
    }
    Path directory = Files.createTempDirectory("import-benchmark");
    try {
      measure(
          arguments.length == 0 ? RecordedSample.unpackTo(directory) : Path.of(arguments[0]),
          directory);
    } finally {
      remove(directory);
    }
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private static void measure(Path recording, Path directory) throws IOException {
    Path trace = directory.resolve("trace.bts");
    double[] perf = new double[ROUNDS];
    double[] read = new double[ROUNDS];
    double[] bts = new double[ROUNDS];
    long branches = 0;
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      long start = System.nanoTime();
      SummingSink sink = new SummingSink();
      PerfDataReader.read(recording, sink);
      double readMillis = (System.nanoTime() - start) / NANOS_PER_MILLI;
      if (sink.sum == 0) {
        throw new IllegalStateException("nothing was read"); // Nor can the sum be left out.
      }
      start = System.nanoTime();
      branches = convert(recording, trace);
      double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
      // To write over an old file would cost what its blocks cost to free.
      Files.delete(trace);
      if (round >= 0) {
        read[round] = readMillis;
        bts[round] = millis;
        perf[round] = perfScript(recording, directory);
      }
    }
    System.out.printf(
        "%d branches: perf script %.1f ms; bts reads them in %.1f ms, ratio %.1f;"
            + " imports them in %.1f ms, ratio %.1f%n",
        branches,
        median(perf),
        median(read),
        median(perf) / median(read),
        median(bts),
        median(perf) / median(bts));
  }

  private static double perfScript(Path recording, Path directory) throws IOException {
    long start = System.nanoTime();
    CommandRun run =
        CommandRun.of(
            List.of(
                "sh",
                "-c",
                "exec " + PERF + " script -i '" + recording + "' -F brstack >/dev/null"),
            Map.of("PATH", "/usr/bin:/bin"),
            directory);
    double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
    if (run.status() != 0) {
      throw new IllegalStateException("perf script failed: " + run.errors());
    }
    return millis;
  }

  private static long convert(Path recording, Path trace) {
    try (TraceWriter writer = TraceWriter.create(trace)) {
      PerfDataSummary summary = PerfDataReader.read(recording, new Receiver(writer));
      writer.conclude(summary.fidelity());
      return summary.branches();
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Looks at all of every branch. */
  private static final class SummingSink implements PerfDataSink {
    private long sum;

    @Override
    public void begin(PerfDataOrigin origin) {
      sum = origin.pid();
    }

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        sum += (cursor.from() ^ cursor.to()) + cursor.flags() + cursor.tid();
      }
    }

    @Override
    public void event(SideEvent event) {
      sum += event.tid();
    }
  }

  private record Receiver(TraceWriter writer) implements PerfDataSink {
    @Override
    public void begin(PerfDataOrigin origin) {
      writer.begin(
          new TraceHeader(
              "benchmark",
              origin.machine(),
              origin.mechanism(),
              origin.mechanism().fidelity(),
              origin.command(),
              origin.pid(),
              origin.modified(),
              origin.firstNanos()));
    }

    @Override
    public void branches(BranchCursor cursor) {
      writer.branches(cursor);
    }

    @Override
    public void event(SideEvent event) {
      writer.event(event);
    }
  }
}
