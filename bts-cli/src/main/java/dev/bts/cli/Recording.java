package dev.bts.cli;

import dev.bts.api.BranchTracer;
import dev.bts.api.ExitStatus;
import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.Mechanism;
import dev.bts.api.SessionStatus;
import dev.bts.api.Target;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.cli.trace.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** One run of {@code bts record}. */
final class Recording {
  private static final int SIGINT = 2;

  private final Console console;
  private final BranchTracer tracer;
  private final TraceRequest.Builder builder;
  private final @Nullable Path output;

  /** Remarks that stand above the summary; 'bts report' has them all. */
  private static final int REMARKS_MAX = 3;

  /** The first entry decides how the recording ends. */
  private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

  /** How a recording ends: with the command's status, with a failure, or on a signal to bts. */
  private record End(@Nullable ExitStatus status, @Nullable RuntimeException failure, int signal) {}

  Recording(
      Console console, BranchTracer tracer, TraceRequest.Builder builder, @Nullable Path output) {
    this.console = console;
    this.tracer = tracer;
    this.builder = builder;
    this.output = output;
  }

  /** Records and returns the status to exit with. */
  int run() throws InterruptedException {
    boolean existed = output != null && Files.exists(output);
    boolean opened = false;
    try (TraceWriter writer = output == null ? null : TraceWriter.create(output)) {
      RecordingSink sink = new RecordingSink(writer);
      TraceRequest request = builder.sink(sink).build();
      boolean attached = request.target() instanceof Target.Running;
      StopSignals signals =
          new StopSignals(attached, signal -> ends.add(new End(null, null, signal)));
      try {
        TraceSession session = tracer.open(request);
        opened = true;
        return record(session, request.target(), sink, writer);
      } finally {
        signals.close();
      }
    } finally {
      if (!opened && !existed && output != null) {
        remove(output);
      }
    }
  }

  private int record(
      TraceSession session, Target target, RecordingSink sink, @Nullable TraceWriter writer)
      throws InterruptedException {
    End end;
    SessionStatus status;
    try {
      if (writer != null) {
        writer.begin(header(session, target));
      }
      session.start();
      end = awaitEnd(session);
      if (end.failure != null) {
        throw end.failure;
      }
      if (end.status == null) {
        session.detach();
      }
      status = session.status();
    } catch (RuntimeException | InterruptedException e) {
      closeAfter(session, e);
      throw e;
    }
    session.close();
    // Only now everything is refunded, and the trace says so.
    RecordSummary summary =
        new RecordSummary(session.mechanism(), status).payers(session.receipts(), sink);
    if (writer != null) {
      writer.conclude(status.fidelity());
      writer.close();
      summary.file(writer.bytesWritten(), output);
    }
    if (end.status == null) {
      summary.detached(session.pid(), end.signal);
    }
    sink.remarks(REMARKS_MAX).forEach(text -> console.err().println("bts: " + Plain.text(text)));
    console.err().println(summary);
    return exitStatus(end, target);
  }

  /** Waits for the end of the traced processes or a signal to bts, whatever comes first. */
  private End awaitEnd(TraceSession session) throws InterruptedException {
    Thread waiter =
        new Thread(
            () -> {
              try {
                ends.add(new End(session.await(), null, 0));
              } catch (RuntimeException e) {
                ends.add(new End(null, e, 0));
              } catch (Error e) {
                ends.add(
                    new End(null, new IllegalStateException("the session failed: " + e, e), 0));
              } catch (InterruptedException e) {
                // Nobody interrupts this thread but a virtual machine that ends.
                Thread.currentThread().interrupt();
              }
            },
            "bts-await");
    waiter.setDaemon(true);
    waiter.start();
    return ends.take();
  }

  private static int exitStatus(End end, Target target) {
    boolean attached = target instanceof Target.Running;
    if (end.status != null) {
      return attached ? ExitCode.OK : end.status.shellStatus();
    }
    return attached && end.signal == SIGINT ? ExitCode.OK : ExitCode.SIGNAL_BASE + end.signal;
  }

  private static TraceHeader header(TraceSession session, Target target) {
    Mechanism mechanism = session.mechanism();
    return new TraceHeader(
        Bts.version(),
        Machine.facts(),
        mechanism,
        mechanism.fidelity(),
        target instanceof Target.Command command ? command.arguments() : List.of(),
        session.pid(),
        Instant.now(),
        // Simulated time starts at zero; the clock of everything else is CLOCK_MONOTONIC.
        mechanism == Mechanism.SIMULATED ? 0 : System.nanoTime());
  }

  private static void closeAfter(TraceSession session, Exception cause) {
    try {
      session.close();
    } catch (RuntimeException e) {
      // A session may throw what its sink threw once more.
      if (e != cause) {
        cause.addSuppressed(e);
      }
    }
  }

  /** Removes the file that was created for a trace that did not come about. */
  private static void remove(Path created) {
    try {
      Files.deleteIfExists(created);
    } catch (IOException e) {
      throw new KernelException(
          new Explanation("remove the empty " + created, String.valueOf(e.getMessage()), ""), 0, e);
    }
  }
}
