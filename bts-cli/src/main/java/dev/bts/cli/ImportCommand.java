package dev.bts.cli;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bts import}: other tools' recordings as a trace. */
@Command(
    name = ImportCommand.NAME,
    mixinStandardHelpOptions = true,
    description = {
      "Makes a trace of a recording of Linux perf: its branch stacks (perf record -b), which are"
          + " samples, or its BTS data (perf record -e intel_bts//u), which is every branch.",
      "The branches of a stack come in the order in which they were taken; perf script lists the"
          + " newest first, and so does bts export --format brstack."
    },
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the recording was imported",
      "1:it could not be read, or there are no branches in it",
      "2:wrong usage",
      "3:the recording is damaged; what is intact was imported"
    },
    footer = {
      "",
      "Examples:",
      "  bts import -o program.bts perf.data",
      "  perf record -b -o - -- program | bts import -o program.bts /dev/stdin"
    })
final class ImportCommand implements Callable<Integer>, Verb {
  static final String NAME = "import";

  private final Console console;

  @Option(names = "-o", paramLabel = "FILE", required = true, description = "The trace to write.")
  @SuppressWarnings("NullAway.Init") // A required option: picocli sets it or refuses the call.
  private Path output;

  @Parameters(paramLabel = "PERF.DATA", description = "The recording.")
  @SuppressWarnings("NullAway.Init") // A required parameter: picocli sets it or refuses the call.
  private Path recording;

  /** Creates the verb. */
  ImportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    OutputFile.refuseIfRead(NAME, recording, output);
    boolean existed = Files.exists(output);
    Receiver receiver = new Receiver();
    try (TraceWriter writer = TraceWriter.create(output, receiver::now)) {
      receiver.writer = writer;
      return read(receiver, writer);
    } finally {
      if (!receiver.begun && !existed) {
        remove();
      }
    }
  }

  private int read(Receiver receiver, TraceWriter writer) {
    PerfDataSummary summary = PerfDataReader.read(recording, receiver);
    writer.conclude(summary.fidelity());
    writer.close();
    console
        .err()
        .println(
            receiver.begun
                ? line(summary, writer.bytesWritten())
                : Plain.text(
                    "bts: nothing could be read of " + recording + "; no trace was written"));
    summary
        .damage()
        .forEach(d -> console.err().println("bts: " + Plain.text(recording + ": " + d)));
    return summary.damage().isEmpty() ? ExitCode.OK : ExitCode.DAMAGED;
  }

  private String line(PerfDataSummary summary, long bytes) {
    return Plain.text(
        "bts: %s, %d branches%s, %d bytes in %s"
            .formatted(
                summary.fidelity().label(),
                summary.branches(),
                summary.samples() == 0 ? "" : " in " + summary.samples() + " samples",
                bytes,
                output));
  }

  /** Removes the file that was created for a trace that did not come about. */
  private void remove() {
    try {
      Files.deleteIfExists(output);
    } catch (IOException e) {
      throw new KernelException(
          new Explanation("remove the empty " + output, String.valueOf(e.getMessage()), ""), 0, e);
    }
  }

  /** Writes the trace; its clock is that of the recording. */
  private static final class Receiver implements PerfDataSink {
    @SuppressWarnings("NullAway.Init") // Set before anything is read.
    private TraceWriter writer;

    private boolean begun;
    private long nanos;

    long now() {
      return nanos;
    }

    @Override
    public void begin(PerfDataOrigin origin) {
      begun = true;
      nanos = origin.firstNanos();
      writer.begin(
          new TraceHeader(
              Bts.version(),
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
      nanos = Math.max(nanos, event.timeNanos());
      writer.event(event);
    }
  }
}
