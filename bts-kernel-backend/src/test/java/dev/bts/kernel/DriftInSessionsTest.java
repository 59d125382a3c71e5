package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.bts.api.BtsConfig;
import dev.bts.api.ConfigFlag;
import dev.bts.api.ExitStatus;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.sys.Sys;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tracees that take the lock off what is charged, and when a session notices. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DriftInSessionsTest {
  private static final int SIGKILL = 9;

  private static TraceSession run(Stage stage, TraceRequest.Builder request, ExitStatus end)
      throws InterruptedException {
    TraceSession session = stage.open(request);
    try (session) {
      session.start();
      assertThat(session.await()).isEqualTo(end);
    }
    return session;
  }

  private static void assertDrift(Stage stage, Account account, long predicted, long kernel) {
    assertThat(stage.sink.events(SideEvent.AccountingDrift.class))
        .extracting(
            SideEvent.AccountingDrift::account,
            SideEvent.AccountingDrift::predictedPages,
            SideEvent.AccountingDrift::kernelPages)
        .containsOnlyOnce(tuple(account.toString(), predicted, kernel));
  }

  private static Account account(Receipt receipt, Account.Kind kind) {
    return receipt.charges().stream()
        .map(Charge::account)
        .filter(account -> account.kind() == kind)
        .findFirst()
        .orElseThrow();
  }

  private static Receipt first(TraceSession session) {
    return Objects.requireNonNull(session.receipts().get(0));
  }

  private static TraceRequest.Builder undoing(Stage stage, String how, String then) {
    return Stage.program("tracee", "undo_lock", how, then)
        .buffer(2 * Stage.PAGE, Overflow.DRAIN)
        .sink(stage.sink);
  }

  @Test
  void aTraceeThatUnlocksItsBufferIsNoticedWhenTheBufferIsFull() {
    try (Stage stage = new Stage();
        TraceSession session = stage.open(undoing(stage, "munlock", "until killed"))) {
      // Nothing is recorded before, so that the buffer is full for the first time afterwards.
      session.configure(BtsConfig.of(2 * Stage.PAGE));
      session.start();
      Stage.await(() -> Stage.lockedPages(session.pid()) == 0);
      session.configure(BtsConfig.of(2 * Stage.PAGE, ConfigFlag.TRACE));
      Stage.await(() -> !stage.sink.branches().isEmpty());
      assertDrift(stage, account(first(session), Account.Kind.LOCKED_VM), 2, 0);
      Sys.call(Sys.KILL, session.pid(), SIGKILL);
    }
  }

  @Test
  void aTraceeThatUnmapsItsBufferIsNoticedAndWhatItRecordsStays() throws InterruptedException {
    try (Stage stage = new Stage()) {
      TraceSession session = run(stage, undoing(stage, "munmap", "work"), new ExitStatus(0, 0));
      assertDrift(stage, account(first(session), Account.Kind.LOCKED_VM), 2, 0);
      assertDrift(stage, account(first(session), Account.Kind.TOTAL_VM), 2, 0);
      assertThat(session.status().lost()).isZero();
      assertThat(session.status().branches()).isEqualTo(stage.sink.branches().size());
    }
  }

  @Test
  void aTraceeThatUnlocksItsBufferAndExecutesAnotherProgramIsNoticed() throws InterruptedException {
    try (Stage stage = new Stage()) {
      // Too large to be full before.
      TraceSession session =
          run(
              stage,
              undoing(stage, "munlock", "exec").buffer(256 * Stage.PAGE, Overflow.DRAIN),
              new ExitStatus(0, 0));
      assertThat(session.receipts()).hasSize(2);
      assertThat(stage.sink.events(SideEvent.AccountingDrift.class))
          .hasSize(2)
          .allMatch(drift -> drift.predictedPages() == 256 && drift.kernelPages() == 0);
    }
  }

  @Test
  void aTraceeThatUnlocksItsBufferAndIsKilledIsNoticed() throws InterruptedException {
    try (Stage stage = new Stage()) {
      TraceSession session =
          run(
              stage,
              undoing(stage, "munlock", "kill").buffer(256 * Stage.PAGE, Overflow.DRAIN),
              new ExitStatus(0, SIGKILL));
      assertDrift(stage, account(first(session), Account.Kind.LOCKED_VM), 256, 0);
    }
  }

  @Test
  void aProcessOfTheSameUserThatUnlocksTheUsersSegmentIsNoticed() throws InterruptedException {
    try (Stage stage = new Stage()) {
      TraceSession session =
          run(
              stage,
              Stage.program("user", "unlock_segment")
                  .buffer(2 * Stage.PAGE, Overflow.DRAIN)
                  .sink(stage.sink),
              new ExitStatus(0, 0));
      Account user = account(first(session), Account.Kind.USER_MEMLOCK);
      assertDrift(stage, user, 2, 0);
      assertDrift(stage, user, -2, 0);
      assertThat(session.status().branches()).isEqualTo(stage.sink.branches().size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void whatNobodyTouchesDoesNotDrift(String policy) throws InterruptedException {
    try (Stage stage = new Stage()) {
      run(
          stage,
          Stage.program(policy, "forks").buffer(2 * Stage.PAGE, Overflow.DRAIN).sink(stage.sink),
          new ExitStatus(0, 0));
      assertThat(stage.sink.events(SideEvent.Charged.class)).isNotEmpty();
      assertThat(stage.sink.events(SideEvent.AccountingDrift.class)).isEmpty();
    }
  }

  @Test
  void aResizeLooksBeforeItReplacesTheBuffer() {
    try (Stage stage = new Stage();
        TraceSession session =
            stage.open(
                Stage.program("tracee", "undo_lock").buffer(1024 * Stage.PAGE, Overflow.WRAP))) {
      Stage.await(
          () -> {
            Stage.runForBranches(session, 200);
            return Stage.lockedPages(session.pid()) == 0;
          });
      session.resize(2 * Stage.PAGE);
      session.drain(stage.sink);
      assertDrift(stage, account(first(session), Account.Kind.LOCKED_VM), 1024, 0);
      assertDrift(stage, account(first(session), Account.Kind.LOCKED_VM), -1024, 0);
      assertThat(Stage.lockedPages(session.pid())).isEqualTo(2);
      stage.auditor.check();
    }
  }
}
