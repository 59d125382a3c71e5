package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.api.BtsConfig;
import dev.bts.api.ConfigFlag;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStateException;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.TraceSession.State;
import dev.bts.api.UnsupportedMechanismException;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The life of a session: attached, tracing, paused, detached, closed; and how it fails. */
interface LifecycleContract extends ContractTest {
  /** What a sink of these tests throws. */
  final class SinkFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SinkFailure() {
      super("the sink of the test throws");
    }
  }

  /** A sink that cannot take branches. */
  final class ThrowingSink implements TraceSink {
    @Override
    public void branches(BranchCursor cursor) {
      throw new SinkFailure();
    }

    @Override
    public void event(SideEvent event) {}
  }

  @Test
  default void aSessionIsAttachedThenTracingThenPausedThenDetached() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    assertThat(session.status().state()).isEqualTo(State.ATTACHED);
    session.start();
    assertThat(session.status().state()).isEqualTo(State.TRACING);
    session.pause();
    assertThat(session.status().state()).isEqualTo(State.PAUSED);
    session.start();
    assertThat(session.status().state()).isEqualTo(State.TRACING);
    session.detach();
    assertThat(session.status().state()).isEqualTo(State.DETACHED);
  }

  @Test
  default void nothingIsRecordedBeforeStartAndWhilePaused() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(4 * PAGE, Overflow.WRAP));
    assertThat(session.status().branches()).isZero();
    runForBranches(session, 10);
    long branches = session.status().branches();
    for (int i = 0; i < 100; i++) {
      assertThat(session.status().branches()).isEqualTo(branches);
    }
  }

  @Test
  default void startAndPauseCanBeRepeated() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    session.start();
    session.start();
    session.pause();
    session.pause();
    assertThat(session.status().state()).isEqualTo(State.PAUSED);
    runForBranches(session, 1);
    assertThat(session.size()).isPositive();
  }

  @Test
  default void aDetachedSessionCannotBeStartedPausedOrConfigured() {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    session.detach();
    assertThatThrownBy(session::start).isInstanceOf(SessionStateException.class);
    assertThatThrownBy(session::pause).isInstanceOf(SessionStateException.class);
    assertThatThrownBy(() -> session.configure(BtsConfig.of(0, ConfigFlag.TRACE)))
        .isInstanceOf(SessionStateException.class);
    assertThatThrownBy(() -> session.resize(2 * PAGE)).isInstanceOf(SessionStateException.class);
  }

  @Test
  default void aSessionWhoseProgramHasEndedIsDetachedByItself() throws InterruptedException {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    assertThat(run(session)).isEqualTo(fixture().shortProgramStatus());
    assertThat(session.status().state()).isEqualTo(State.DETACHED);
    assertThat(session.status().liveThreads()).isZero();
    assertThat(session.status().threads()).isEqualTo(1);
    assertThat(session.await()).isEqualTo(fixture().shortProgramStatus());
    assertThatThrownBy(session::start).isInstanceOf(SessionStateException.class);
  }

  @Test
  default void awaitNeedsAStartedSession() {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    assertThatThrownBy(session::await).isInstanceOf(SessionStateException.class);
  }

  @Test
  default void anInterruptedAwaitLeavesTheSessionGoing() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    session.start();
    Thread.currentThread().interrupt();
    assertThatThrownBy(session::await).isInstanceOf(InterruptedException.class);
    assertThat(session.status().state()).isEqualTo(State.TRACING);
    runForBranches(session, 10);
  }

  @Test
  default void detachAndCloseAreIdempotent() {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    session.detach();
    session.detach();
    session.close();
    session.close();
    session.detach();
    assertThat(session.status().state()).isEqualTo(State.DETACHED);
    assertThat(session.status().chargedPages()).isZero();
    assertThat(session.receipts()).hasSize(1);
  }

  @Test
  default void aClosedSessionHasNoRecords() throws InterruptedException {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    run(session);
    session.close();
    assertThatThrownBy(session::size).isInstanceOf(SessionStateException.class);
    assertThatThrownBy(() -> session.get(0)).isInstanceOf(SessionStateException.class);
    assertThatThrownBy(session::clear).isInstanceOf(SessionStateException.class);
    assertThatThrownBy(() -> session.drain(new RecordingSink()))
        .isInstanceOf(SessionStateException.class);
  }

  @Test
  default void aProgramThatIsLetGoRunsOn() {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    session.start();
    session.close();
    assertThat(fixture().isAlive(session.pid())).isTrue();
  }

  @Test
  default void aProgramThatIsLetGoCanBeTracedAgain() throws InterruptedException {
    Optional<TraceRequest.Builder> running = fixture().runningProgram();
    assumeTrue(running.isPresent(), "the fixture has no program to attach to");
    TraceSession first = open(running.get().buffer(PAGE, Overflow.WRAP));
    runForBranches(first, 10);
    assertThat(first.get(0).tid()).isEqualTo(first.pid());
    first.close();
    TraceSession second = open(TraceRequest.process(first.pid()).buffer(PAGE, Overflow.WRAP));
    runForBranches(second, 10);
    assertThat(second.size()).isPositive();
    second.close();
    assertThat(fixture().isAlive(first.pid())).isTrue();
  }

  @Test
  default void aProcessIsTracedByOneSessionAtATime() {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    assertThatThrownBy(() -> open(TraceRequest.process(session.pid()).buffer(PAGE, Overflow.WRAP)))
        .isInstanceOf(TargetException.class);
    assertThat(session.status().state()).isEqualTo(State.ATTACHED);
  }

  @Test
  default void whatASinkThrowsWhileTracingEndsTheSessionAndComesOutOfAwait() {
    TraceSession session =
        open(fixture().shortProgram().buffer(PAGE, Overflow.DRAIN).sink(new ThrowingSink()));
    session.start();
    assertThatThrownBy(session::await).satisfies(LifecycleContract::isSinkFailure);
    assertThat(session.status().state()).isEqualTo(State.DETACHED);
    assertThat(session.status().chargedPages()).isZero();
    session.close();
  }

  @Test
  default void whatASinkThrowsComesOutOfDetachIfNobodyAwaits() throws InterruptedException {
    TraceSession session =
        open(fixture().endlessProgram().buffer(PAGE, Overflow.DRAIN).sink(new ThrowingSink()));
    session.start();
    while (session.status().state() == State.TRACING) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(session::detach).satisfies(LifecycleContract::isSinkFailure);
    session.close();
    assertThat(session.status().chargedPages()).isZero();
  }

  @Test
  default void whatASinkThrowsInDrainEndsTheSession() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    runForBranches(session, 10);
    assertThatThrownBy(() -> session.drain(new ThrowingSink()))
        .satisfies(LifecycleContract::isSinkFailure);
    assertThat(session.status().state()).isEqualTo(State.DETACHED);
    assertThat(session.status().chargedPages()).isZero();
    session.close();
  }

  @Test
  default void aSinkThatCallsBackIntoItsSessionIsToldSo() {
    AtomicReference<TraceSession> calledBack = new AtomicReference<>();
    TraceSink sink =
        new TraceSink() {
          @Override
          public void branches(BranchCursor cursor) {
            calledBack.get().status();
          }

          @Override
          public void event(SideEvent event) {}
        };
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.DRAIN).sink(sink));
    calledBack.set(session);
    session.start();
    assertThatThrownBy(session::await).isInstanceOf(SessionStateException.class);
  }

  @Test
  default void aMechanismThatIsNotThereIsRefusedWithAnExplanation() {
    TraceRequest.Builder request =
        fixture()
            .shortProgram()
            .buffer(PAGE, Overflow.WRAP)
            .mechanisms(fixture().unsupportedMechanism());
    assertThatThrownBy(() -> open(request))
        .isInstanceOfSatisfying(
            UnsupportedMechanismException.class,
            refused -> {
              assertThat(refused.explanation().asked())
                  .contains(fixture().unsupportedMechanism().label());
              assertThat(refused.explanation().obstacle()).isNotBlank();
              assertThat(refused.explanation().remedy()).isNotBlank();
            });
  }

  @Test
  default void aCommandThatDoesNotExistIsRefusedWithItsName() {
    assertThatThrownBy(
            () -> open(TraceRequest.command("/no/such/program").buffer(PAGE, Overflow.WRAP)))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("/no/such/program");
  }

  @Test
  default void aProcessThatDoesNotExistIsRefusedWithItsPid() {
    int noPid = Integer.MAX_VALUE;
    assertThatThrownBy(() -> open(TraceRequest.process(noPid).buffer(PAGE, Overflow.WRAP)))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining(Integer.toString(noPid));
  }

  private static void isSinkFailure(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    assertThat(root).isInstanceOf(SinkFailure.class);
  }
}
