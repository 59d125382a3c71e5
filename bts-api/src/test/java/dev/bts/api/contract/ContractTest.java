package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BufferSpec;
import dev.bts.api.ExitStatus;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import java.util.List;

/** What the parts of the contract share. */
interface ContractTest {
  /** The size of a small buffer, in bytes: one page. */
  long PAGE = BufferSpec.PAGE_BYTES;

  /** Returns the fixture of the running test. */
  BackendFixture fixture();

  /** Opens a session that is closed after the test, and its program killed. */
  TraceSession open(TraceRequest.Builder request);

  /** Returns the receipts of the session's branch buffers. */
  default List<Receipt> bufferReceipts(TraceSession session) {
    return session.receipts().stream().filter(receipt -> !receipt.isForTranslatedCode()).toList();
  }

  /** Returns how many pages are charged for branch buffers, in a session of one process. */
  default long bufferPages(TraceSession session) {
    SessionStatus status = session.status();
    // What else a mechanism needs is charged until the process is let go.
    return status.state() == TraceSession.State.DETACHED
        ? status.chargedPages()
        : status.chargedPages()
            - session.receipts().stream()
                .filter(Receipt::isForTranslatedCode)
                .mapToLong(Receipt::pages)
                .sum();
  }

  /** Runs a session to the end of its program. */
  default ExitStatus run(TraceSession session) throws InterruptedException {
    session.start();
    return session.await();
  }

  /** Runs the short program in drain mode and returns its whole stream. */
  default RecordingSink completeTrace() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session =
        open(fixture().shortProgram().buffer(16 * PAGE, Overflow.DRAIN).sink(sink));
    run(session);
    assertThat(sink.branches()).hasSizeGreaterThanOrEqualTo((int) BackendFixture.LEAST_BRANCHES);
    return sink;
  }

  /**
   * Runs a session of an endless program until it has made so many records more, and pauses it.
   *
   * @throws InterruptedException when the test's time is up
   */
  default void runForBranches(TraceSession session, long branches) throws InterruptedException {
    long goal = session.status().branches() + branches;
    session.start();
    while (session.status().branches() < goal) {
      if (Thread.interrupted()) {
        throw new InterruptedException("after " + session.status());
      }
      Thread.onSpinWait();
    }
    session.pause();
  }

  /**
   * Checks the branches of one thread that handles no signals. Between two taken branches code runs
   * straight upwards, so a branch cannot start below the place that the one before it went to; a
   * missing or an invented record breaks this almost surely.
   */
  default void assertContinuous(List<BranchRecord> branches) {
    for (int i = 1; i < branches.size(); i++) {
      assertThat(Long.compareUnsigned(branches.get(i).from(), branches.get(i - 1).to()))
          .as(branches.get(i - 1) + ", then " + branches.get(i))
          .isNotNegative();
    }
  }
}
