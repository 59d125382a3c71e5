package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.Policies;
import dev.bts.api.BranchTracers;
import dev.bts.api.ExitStatus;
import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.cli.trace.TraceReader;
import dev.bts.cli.trace.TraceVisitor;
import dev.bts.cli.trace.TraceWriter;
import dev.bts.kernel.testing.TraceePrograms;
import dev.bts.sim.SimTracer;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.program.RecordedRun;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real program is recorded to a file, and what it did is executed on the simulated machine, under
 * each policy: the same branches come out of each thread.
 */
class ReplayTest {
  /** The branches of each thread, as text, and what the trace has lost. */
  private static final class Threads implements TraceVisitor {
    private final Map<Integer, List<String>> byThread = new TreeMap<>();
    private long lost;

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        byThread
            .computeIfAbsent(cursor.tid(), tid -> new ArrayList<>())
            .add(Long.toHexString(cursor.from()) + " " + Long.toHexString(cursor.to()));
      }
    }

    @Override
    public void event(SideEvent event) {
      lost += event instanceof SideEvent.Lost missing ? missing.count() : 0;
    }
  }

  /** Hands what a file holds on to a sink. */
  private record Handed(TraceSink sink) implements TraceVisitor {
    @Override
    public void branches(BranchCursor cursor) {
      sink.branches(cursor);
    }

    @Override
    public void event(SideEvent event) {
      sink.event(event);
    }
  }

  private static ExitStatus record(Path program, Path file) throws InterruptedException {
    try (TraceWriter writer = TraceWriter.create(file)) {
      TraceRequest request =
          TraceRequest.command(program.toString())
              .mechanisms(Mechanism.SINGLE_STEP)
              .sink(writer)
              .build();
      try (TraceSession session = BranchTracers.named("kernel").open(request)) {
        writer.begin(
            new TraceHeader(
                "bts",
                Map.of(),
                Mechanism.SINGLE_STEP,
                Fidelity.COMPLETE,
                List.of(program.toString()),
                0,
                Instant.EPOCH,
                0));
        session.start();
        return session.await();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"threads", "forks"})
  void whatWasRecordedIsExecutedOnTheSimulatedMachine(String name, @TempDir Path directory)
      throws InterruptedException {
    Path file = directory.resolve("run.bts");
    ExitStatus status = record(TraceePrograms.compile(name), file);
    Threads recorded = new Threads();
    RecordedRun run = new RecordedRun(RecordedRun.DEFAULT_BRANCHES);
    try (TraceReader reader = TraceReader.open(file)) {
      reader.read(recorded);
      reader.read(new Handed(run));
    }
    assertThat(recorded.byThread.size()).isGreaterThan(3);
    assertThat(recorded.lost).isZero();
    for (ChargingPolicy policy : Policies.builtIn()) {
      SimTracer tracer = new SimTracer();
      Task task = tracer.machine().spawn(tracer.tracer(), run.program());
      Threads again = new Threads();
      TraceRequest request =
          TraceRequest.process(task.group().pid()).policy(policy).sink(again).build();
      try (TraceSession session = tracer.open(request)) {
        session.start();
        assertThat(session.await()).as(policy.name()).isEqualTo(status);
      }
      assertThat(again.lost).as(policy.name()).isZero();
      assertThat(again.byThread.values())
          .as(policy.name())
          .containsExactlyInAnyOrderElementsOf(recorded.byThread.values());
    }
  }
}
