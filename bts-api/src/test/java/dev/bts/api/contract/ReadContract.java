package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.Overflow;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SIZE, GET, DRAIN and CLEAR. */
interface ReadContract extends ContractTest {
  @Test
  default void getCountsFromTheNewestAndDrainFromTheOldest() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(4 * PAGE, Overflow.WRAP));
    runForBranches(session, 50);
    List<BranchRecord> newestFirst = new ArrayList<>();
    for (long i = 0; i < session.size(); i++) {
      newestFirst.add(session.get(i));
    }
    RecordingSink sink = new RecordingSink();
    assertThat(session.drain(sink)).isEqualTo(newestFirst.size());
    Collections.reverse(newestFirst);
    assertThat(sink.branches()).isEqualTo(newestFirst).hasSizeGreaterThanOrEqualTo(50);
  }

  @Test
  default void drainEmptiesTheBuffer() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(4 * PAGE, Overflow.WRAP));
    runForBranches(session, 50);
    session.drain(new RecordingSink());
    assertThat(session.size()).isZero();
    RecordingSink second = new RecordingSink();
    assertThat(session.drain(second)).isZero();
    assertThat(second.items()).isEmpty();
  }

  @Test
  default void indexesOutsideTheRecordsAreRefused() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    assertThatThrownBy(() -> session.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
    runForBranches(session, 5);
    long size = session.size();
    assertThatThrownBy(() -> session.get(size)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> session.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(session.get(size - 1)).isNotNull();
  }

  @Test
  default void clearForgetsRecordsWithoutCallingThemLost() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(fixture().endlessProgram().buffer(16 * PAGE, Overflow.WRAP));
    runForBranches(session, 50);
    long lostBefore = session.status().lost();
    session.clear();
    assertThat(session.size()).isZero();
    assertThat(session.status().lost()).isEqualTo(lostBefore);
    session.drain(sink);
    assertThat(sink.branches()).isEmpty();
    assertThat(sink.lost()).isEqualTo(lostBefore);
    runForBranches(session, 5);
    assertThat(session.size()).isPositive();
  }

  @Test
  default void piecesDrainedAtPausesMakeUpTheCompleteTrace() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session =
        open(fixture().endlessProgram().buffer(2 * PAGE, Overflow.DRAIN).sink(sink));
    for (int piece = 0; piece < 3; piece++) {
      runForBranches(session, 20);
      session.drain(sink);
      assertThat(session.size()).isZero();
      assertThat((long) sink.branches().size()).isEqualTo(session.status().branches());
    }
    runForBranches(session, 20);
    session.detach();
    assertThat((long) sink.branches().size()).isEqualTo(session.status().branches());
    assertThat(sink.lost()).isZero();
    assertContinuous(sink.branches());
  }

  @Test
  default void aRunningSessionCanBeReadAndGoesOn() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(4 * PAGE, Overflow.WRAP));
    runForBranches(session, 10);
    session.start();
    RecordingSink sink = new RecordingSink();
    session.drain(sink);
    assertThat(sink.branches()).isNotEmpty();
    assertThat(session.status().state()).isEqualTo(TraceSession.State.TRACING);
    runForBranches(session, 10);
    assertThat(session.size()).isPositive();
  }

  @Test
  default void recordsThatNoSinkTookStayReadableAfterTheEndUntilClose()
      throws InterruptedException {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    run(session);
    assertThat(session.size()).isPositive();
    BranchRecord newest = session.get(0);
    RecordingSink sink = new RecordingSink();
    session.drain(sink);
    assertThat(sink.branches()).last().isEqualTo(newest);
    assertThat(sink.events(SideEvent.ProcessExited.class)).hasSize(1);
  }

  @Test
  default void recordsThatNoSinkTookStayReadableAfterDetach() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.WRAP));
    runForBranches(session, 10);
    BranchRecord newest = session.get(0);
    session.detach();
    assertThat(session.get(0)).isEqualTo(newest);
  }
}
