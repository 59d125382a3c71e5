package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.ExitStatus;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStateException;
import dev.bts.api.TraceSession;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.SideEvent.ProcessStarted;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A payer that waits in vfork executes no calls; its child, in the same memory, does. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class VforkTest {
  /** Holds the session when a child was seen, until the thread that asks waits for an answer. */
  private static final class Holding implements TraceSink {
    private final RecordingSink sink;
    private final Thread asking = Thread.currentThread();
    private final CountDownLatch childSeen = new CountDownLatch(1);

    Holding(RecordingSink sink) {
      this.sink = sink;
    }

    @Override
    public void branches(BranchCursor cursor) {
      sink.branches(cursor);
    }

    @Override
    public void event(SideEvent event) {
      sink.event(event);
      if (event instanceof ProcessStarted started && started.parentPid() != 0) {
        childSeen.countDown();
        while (asking.getState() != Thread.State.TIMED_WAITING) {
          Thread.onSpinWait();
        }
      }
    }
  }

  @Test
  void aResizeIsCarriedOutByTheChildAndTheParentPays() throws InterruptedException {
    try (Stage stage = new Stage()) {
      Holding holding = new Holding(stage.sink);
      try (TraceSession session =
          stage.open(
              Stage.program("tracee", "vfork_wait")
                  .buffer(Stage.PAGE, Overflow.DRAIN)
                  .sink(holding))) {
        session.start();
        holding.childSeen.await();
        session.resize(3 * Stage.PAGE);
        session.pause();
        assertThat(session.status().liveThreads()).as("the child lives on").isEqualTo(2);
        assertThat(session.receipts()).hasSize(2);
        assertThat(Stage.lockedPages(session.pid())).isEqualTo(3);
        stage.auditor.check();
        session.start();
        assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
        assertThat(session.status().lost()).isZero();
      }
      assertThat(stage.sink.events(SideEvent.AccountingDrift.class)).isEmpty();
    }
  }

  @Test
  void aBufferFirstAllocatedInTheChildIsTheParentsAndStaysWithIt() throws InterruptedException {
    try (Stage stage = new Stage()) {
      Holding holding = new Holding(stage.sink);
      try (TraceSession session =
          stage.open(
              Stage.program("tracee", "vfork_wait")
                  .buffer(Stage.PAGE, Overflow.DRAIN)
                  .sink(holding))) {
        session.start();
        holding.childSeen.await();
        session.resize(0);
        assertThat(Stage.lockedPages(session.pid())).isZero();
        stage.auditor.check();
        session.resize(2 * Stage.PAGE);
        stage.auditor.check();
        assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
        assertThat(session.receipts()).hasSize(2);
        assertThat(stage.sink.lost()).isEqualTo(session.status().lost());
      }
      assertThat(stage.sink.events(SideEvent.AccountingDrift.class)).isEmpty();
    }
  }

  @Test
  void whileTheChildIsNotTracedAResizeIsRefusedWithTheReason() {
    try (Stage stage = new Stage();
        TraceSession session =
            stage.open(
                Stage.program("tracee", "vfork_wait", "until killed")
                    .followChildren(false)
                    .buffer(Stage.PAGE, Overflow.WRAP))) {
      session.start();
      Stage.await(() -> childOf(session.pid()) != 0);
      int child = childOf(session.pid());
      // Untraced, it waits; its parent was seen entering vfork before it was let go.
      Stage.await(() -> state(child).startsWith("S"));
      for (long size : new long[] {0, 2 * Stage.PAGE}) {
        assertThatThrownBy(() -> session.resize(size))
            .isInstanceOf(SessionStateException.class)
            .hasMessageContaining("waits in vfork for a process that is not traced");
      }
      assertThat(session.status().chargedPages()).isEqualTo(1);
      stage.auditor.check();
      long branches = session.status().branches();
      assertThat(Sys.call(Sys.KILL, child, Signals.SIGKILL)).isZero();
      Stage.await(() -> session.status().branches() > branches);
      session.resize(2 * Stage.PAGE);
      assertThat(Stage.lockedPages(session.pid())).isEqualTo(2);
      session.pause();
      stage.auditor.check();
      Sys.call(Sys.KILL, session.pid(), Signals.SIGKILL);
    }
  }

  private static int childOf(int pid) {
    return ProcFile.lines("/proc/" + pid + "/task/" + pid + "/children").stream()
        .flatMap(line -> java.util.Arrays.stream(line.trim().split(" ", -1)))
        .filter(text -> !text.isEmpty())
        .mapToInt(Integer::parseInt)
        .findFirst()
        .orElse(0);
  }

  private static String state(int pid) {
    return ProcFile.statusField(pid, "State").orElse("");
  }
}
