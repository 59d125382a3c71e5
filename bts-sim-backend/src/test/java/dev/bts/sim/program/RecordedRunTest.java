package dev.bts.sim.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.ExitStatus;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.sim.SimTracer;
import dev.bts.sim.kernel.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was traced is executed again, and traced once more: the same comes out. */
class RecordedRunTest {
  private static final int PID = 7;

  /** Hands a stream on to two sinks; a cursor is read once, so the second one gets the records. */
  private record Both(RecordedRun run, RecordingSink sink) implements TraceSink {
    @Override
    public void branches(BranchCursor cursor) {
      List<BranchRecord> records = new ArrayList<>();
      while (cursor.next()) {
        records.add(new BranchRecord(cursor.from(), cursor.to(), cursor.flags(), cursor.tid()));
      }
      run.branches(new Records(records));
      sink.branches(new Records(records));
    }

    @Override
    public void event(SideEvent event) {
      run.event(event);
      sink.event(event);
    }
  }

  private static final class Records implements BranchCursor {
    private final List<BranchRecord> records;
    private int at = -1;

    Records(List<BranchRecord> records) {
      this.records = records;
    }

    @Override
    public boolean next() {
      return ++at < records.size();
    }

    @Override
    public long from() {
      return records.get(at).from();
    }

    @Override
    public long to() {
      return records.get(at).to();
    }

    @Override
    public int flags() {
      return records.get(at).flags();
    }

    @Override
    public int tid() {
      return records.get(at).tid();
    }
  }

  /** Returns the branches of each thread, without the numbers of threads, which may differ. */
  private static List<List<RecordingSink.Edge>> threads(RecordingSink sink) {
    TreeMap<Integer, List<RecordingSink.Edge>> byThread = new TreeMap<>();
    for (BranchRecord record : sink.branches()) {
      byThread
          .computeIfAbsent(record.tid(), tid -> new ArrayList<>())
          .add(new RecordingSink.Edge(record.from(), record.to()));
    }
    return new ArrayList<>(byThread.values());
  }

  private static ExitStatus trace(TraceRequest request, SimTracer tracer)
      throws InterruptedException {
    try (TraceSession session = tracer.open(request)) {
      session.start();
      return session.await();
    }
  }

  private static ExitStatus executeAgain(RecordedRun run, RecordingSink sink)
      throws InterruptedException {
    SimTracer tracer = new SimTracer();
    Task task = tracer.machine().spawn(tracer.tracer(), run.program());
    ExitStatus status = trace(TraceRequest.process(task.group().pid()).sink(sink).build(), tracer);
    assertThat(tracer.ledger().liveReceipts()).isEmpty();
    return status;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--branches 3000 --seed 4 --exit 9",
        "--branches 500 --threads 4 --signals 3",
        "--branches 500 --forks 3 --threads 2 --die-by 11",
        "--branches 300 --threads 3 --forks 2 --signals 2 --execs 2 --exit 5"
      })
  void theSameBranchesComeOut(String options) throws InterruptedException {
    RecordedRun run = new RecordedRun(RecordedRun.DEFAULT_BRANCHES);
    RecordingSink first = new RecordingSink();
    ExitStatus status =
        trace(
            TraceRequest.command(("synthetic " + options).split(" "))
                .sink(new Both(run, first))
                .build(),
            new SimTracer());
    assertThat(run.branches()).isEqualTo(first.branches().size()).isPositive();
    assertThat(run.lost()).isZero();
    for (int i = 0; i < 2; i++) {
      RecordingSink again = new RecordingSink();
      assertThat(executeAgain(run, again)).isEqualTo(status);
      assertThat(threads(again)).containsExactlyInAnyOrderElementsOf(threads(first));
      for (Class<? extends SideEvent> kind :
          List.of(
              SideEvent.ProcessStarted.class,
              SideEvent.ThreadStarted.class,
              SideEvent.Exec.class,
              SideEvent.Signalled.class,
              SideEvent.ProcessExited.class,
              SideEvent.ThreadExited.class)) {
        assertThat(again.events(kind)).as(kind.getSimpleName()).hasSameSizeAs(first.events(kind));
      }
    }
  }

  private static BranchCursor branch(int tid) {
    return new Records(List.of(new BranchRecord(0x1000, 0x2000, 0, tid)));
  }

  private static SideEvent started() {
    return new SideEvent.ProcessStarted(PID, 0, PID, 1, "program");
  }

  @Test
  void aTraceThatEndsInTheMiddleEndsBehindItsLastBranch() throws InterruptedException {
    RecordedRun run = new RecordedRun(10);
    run.event(started());
    run.branches(branch(PID));
    run.event(new SideEvent.ThreadStarted(PID + 1, 0, PID, PID));
    run.branches(branch(PID + 1));
    run.event(new SideEvent.Lost(PID, 0, 5, "full"));
    assertThat(run.lost()).isEqualTo(5);
    RecordingSink again = new RecordingSink();
    assertThat(executeAgain(run, again)).isEqualTo(new ExitStatus(0, 0));
    assertThat(again.branches()).hasSize(2);
    assertThat(again.events(SideEvent.ThreadStarted.class)).hasSize(1);
  }

  @Test
  void whatCannotBeExecutedSaysWhy() {
    RecordedRun run = new RecordedRun(2);
    assertThatThrownBy(run::program)
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no process starts");
    assertThatThrownBy(() -> run.branches(branch(PID)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("thread 7 does something");
    run.event(started());
    run.branches(branch(PID));
    run.branches(branch(PID));
    assertThatThrownBy(() -> run.branches(branch(PID)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("more than 2 branches");
  }
}
