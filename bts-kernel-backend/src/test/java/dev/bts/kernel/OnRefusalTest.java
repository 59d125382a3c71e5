package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.ExitStatus;
import dev.bts.api.Fidelity;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.SideEvent;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that really meet the limit in mid-session: they pay for themselves, lower their own
 * RLIMIT_MEMLOCK to nothing, and then fork or execute.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OnRefusalTest {
  /** What collatz_steps(27) takes at the least: a branch for each of 111 steps. */
  private static final long WORK_BRANCHES = 111;

  private static TraceRequest.Builder poor(Stage stage, String then, OnRefusal onRefusal) {
    return Stage.program("tracee", "lower_limit", then)
        .buffer(2 * Stage.PAGE, Overflow.DRAIN)
        .sink(stage.sink)
        .onRefusal(onRefusal);
  }

  private static SessionStatus run(Stage stage, String then, OnRefusal onRefusal)
      throws InterruptedException {
    try (TraceSession session = stage.open(poor(stage, then, onRefusal))) {
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
      assertThat(stage.sink.lost()).isEqualTo(session.status().lost());
      assertThat(session.status().branches()).isEqualTo(stage.sink.branches().size());
      return session.status();
    }
  }

  private static long branchesOf(Stage stage, int tid) {
    return stage.sink.branches().stream().filter(record -> record.tid() == tid).count();
  }

  private static int child(Stage stage) {
    List<SideEvent.ProcessStarted> starts = stage.sink.events(SideEvent.ProcessStarted.class);
    assertThat(starts).hasSize(2);
    return starts.get(1).pid();
  }

  private static String reasons(Stage stage) {
    return stage.sink.events(SideEvent.Lost.class).toString();
  }

  @Test
  void shareRecordsAForkedChildIntoWhatTheParentPaidFor() throws InterruptedException {
    try (Stage stage = new Stage()) {
      SessionStatus status = run(stage, "fork", OnRefusal.SHARE);
      assertThat(branchesOf(stage, child(stage))).isGreaterThanOrEqualTo(WORK_BRANCHES);
      assertThat(status.fidelity()).isEqualTo(Fidelity.COMPLETE);
      assertThat(stage.sink.events(SideEvent.Charged.class)).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"exec, SHARE", "exec, LOSE", "fork, LOSE"})
  void whatHasNoBufferToShareOrMustNotIsCountedAsLost(String then, OnRefusal onRefusal)
      throws InterruptedException {
    try (Stage stage = new Stage()) {
      SessionStatus status = run(stage, then, onRefusal);
      assertThat(status.lost()).isGreaterThanOrEqualTo(WORK_BRANCHES);
      assertThat(status.fidelity()).isEqualTo(Fidelity.WINDOWED);
      assertThat(reasons(stage)).contains("RLIMIT_MEMLOCK of pid", "is 0 KiB");
      if (then.equals("fork")) {
        assertThat(branchesOf(stage, child(stage))).isZero();
      }
      assertThat(status.branches() + status.lost()).isEqualTo(completely(then).branches());
    }
  }

  /** Runs the program with a tracer that pays and can. */
  private static SessionStatus completely(String then) throws InterruptedException {
    try (Stage stage = new Stage();
        TraceSession session =
            stage.open(
                Stage.program("tracer", "lower_limit", then)
                    .buffer(64 << 10, Overflow.DRAIN)
                    .sink(stage.sink))) {
      session.start();
      session.await();
      assertThat(session.status().lost()).isZero();
      return session.status();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fork", "exec"})
  void stopLetsTheProcessRunOnUntracedAndTheTraceSaysSo(String then) throws InterruptedException {
    try (Stage stage = new Stage();
        TraceSession session = stage.open(poor(stage, then, OnRefusal.STOP))) {
      session.start();
      if (then.equals("fork")) {
        assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
        assertThat(branchesOf(stage, child(stage))).isZero();
      } else {
        // Nobody is left to be traced, so the session ends before the program does.
        Stage.await(() -> session.status().state() == TraceSession.State.DETACHED);
      }
      assertThat(reasons(stage)).contains("not recorded from here on", "is 0 KiB");
      assertThat(session.status().lost()).isZero();
      assertThat(session.status().branches()).isEqualTo(stage.sink.branches().size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fork", "exec"})
  void failEndsTheSessionWithTheRefusal(String then) {
    try (Stage stage = new Stage();
        TraceSession session = stage.open(poor(stage, then, OnRefusal.FAIL))) {
      session.start();
      assertThatThrownBy(session::await)
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("is 0 KiB");
      assertThat(session.status().state()).isEqualTo(TraceSession.State.DETACHED);
      assertThat(session.status().chargedPages()).isZero();
      stage.auditor.check();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tracer, fork",
    "tracer, exec",
    "user, fork",
    "user, exec",
  })
  void whereAnotherPaysAPoorTraceeIsRecordedCompletely(String policy, String then)
      throws InterruptedException {
    // All of the limit is in one buffer: not a page more could be had.
    try (Stage stage = new Stage(64 << 10);
        TraceSession session =
            stage.open(
                Stage.program(policy, "lower_limit", then)
                    .buffer(64 << 10, Overflow.DRAIN)
                    .sink(stage.sink)
                    .onRefusal(OnRefusal.FAIL))) {
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
      assertThat(session.status().fidelity()).isEqualTo(Fidelity.COMPLETE);
      assertThat(session.receipts()).hasSize(1);
    }
  }
}
