package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BtsConfig;
import dev.bts.api.ConfigFlag;
import dev.bts.api.Fidelity;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceSession;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** What happens at the threshold and at the absolute maximum; and SIGNAL. */
interface OverflowContract extends ContractTest {
  /** How many records of 24 bytes a one-page buffer holds. */
  long PAGE_RECORDS = PAGE / Bts24.RECORD_BYTES;

  @Test
  default void drainModeLosesNothingHoweverSmallTheBuffer() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.DRAIN).sink(sink));
    assertThat(run(session)).isEqualTo(fixture().shortProgramStatus());
    SessionStatus status = session.status();
    assertThat(status.branches()).isEqualTo(sink.branches().size());
    assertThat(status.lost()).isZero();
    assertThat(sink.events(SideEvent.Lost.class)).isEmpty();
    assertThat(status.fidelity()).isEqualTo(Fidelity.COMPLETE);
    assertThat(sink.edges()).isEqualTo(completeTrace().edges());
    assertThat(session.size()).isZero();
  }

  @Test
  default void wrapModeKeepsTheNewestRecords() throws InterruptedException {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    run(session);
    long size = session.size();
    RecordingSink sink = new RecordingSink();
    session.drain(sink);
    List<RecordingSink.Edge> complete = completeTrace().edges();
    assertThat(size).isPositive().isLessThanOrEqualTo(PAGE_RECORDS).isLessThan(complete.size());
    assertThat(sink.edges())
        .isEqualTo(complete.subList(complete.size() - (int) size, complete.size()));
    assertThat(session.status().fidelity()).isEqualTo(Fidelity.WINDOWED);
  }

  @Test
  default void wrapModeSaysHowManyRecordsAreMissingBeforeTheOldest() throws InterruptedException {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    run(session);
    SessionStatus status = session.status();
    assertThat(status.branches()).isEqualTo(status.lost() + session.size());
    RecordingSink sink = new RecordingSink();
    session.drain(sink);
    assertThat(sink.lost()).isEqualTo(status.lost()).isPositive();
    int lostAt = indexOf(sink, SideEvent.Lost.class);
    int firstBranch = indexOfFirstBranch(sink);
    assertThat(lostAt).isLessThan(firstBranch);
  }

  @Test
  default void stopModeKeepsTheOldestRecordsAndCountsTheRest() throws InterruptedException {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.STOP));
    run(session);
    SessionStatus status = session.status();
    RecordingSink sink = new RecordingSink();
    session.drain(sink);
    List<RecordingSink.Edge> complete = completeTrace().edges();
    assertThat(sink.edges())
        .isNotEmpty()
        .hasSizeLessThanOrEqualTo((int) PAGE_RECORDS)
        .isEqualTo(complete.subList(0, sink.edges().size()));
    assertThat(status.branches()).isEqualTo(sink.edges().size());
    assertThat(status.branches() + status.lost()).isEqualTo(complete.size());
    assertThat(sink.lost()).isEqualTo(status.lost());
    assertThat(indexOf(sink, SideEvent.Lost.class)).isGreaterThan(indexOfFirstBranch(sink));
    assertThat(status.fidelity()).isEqualTo(Fidelity.WINDOWED);
  }

  @Test
  default void aStoppedBufferRecordsAgainOnceItIsDrained() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(fixture().endlessProgram().buffer(PAGE, Overflow.STOP));
    runForBranches(session, 1);
    session.drain(sink);
    long before = session.status().branches();
    runForBranches(session, 1);
    assertThat(session.size()).isPositive();
    assertThat(session.status().branches()).isEqualTo(before + session.size());
  }

  @Test
  default void signalTellsWhenTheThresholdIsReached() throws InterruptedException {
    ConcurrentLinkedQueue<Long> told = new ConcurrentLinkedQueue<>();
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.STOP));
    session.onOverflow(told::add);
    session.configure(BtsConfig.of(0, ConfigFlag.TRACE, ConfigFlag.SIGNAL));
    assertThat(session.status().config().flags())
        .containsExactlyInAnyOrder(ConfigFlag.TRACE, ConfigFlag.SIGNAL);
    run(session);
    assertThat(told).as("once, as the buffer fills once").hasSize(1);
    assertThat(told.element()).isPositive().isLessThanOrEqualTo(session.size());
  }

  @Test
  default void signalTellsEachTimeADrainedBufferFills() throws InterruptedException {
    ConcurrentLinkedQueue<Long> told = new ConcurrentLinkedQueue<>();
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.DRAIN).sink(sink));
    session.onOverflow(told::add);
    session.configure(BtsConfig.of(0, ConfigFlag.TRACE, ConfigFlag.SIGNAL));
    run(session);
    long least = sink.branches().size() / PAGE_RECORDS;
    assertThat((long) told.size()).isGreaterThanOrEqualTo(least).isPositive();
    assertThat(told).allSatisfy(records -> assertThat(records).isPositive());
  }

  @Test
  default void withoutSignalNobodyIsTold() throws InterruptedException {
    ConcurrentLinkedQueue<Long> told = new ConcurrentLinkedQueue<>();
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.STOP));
    session.onOverflow(told::add);
    run(session);
    assertThat(told).isEmpty();
  }

  private static int indexOf(RecordingSink sink, Class<? extends SideEvent> kind) {
    List<RecordingSink.Item> items = sink.items();
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof RecordingSink.Item.Event e && kind.isInstance(e.event())) {
        return i;
      }
    }
    throw new AssertionError("no " + kind.getSimpleName() + " in the stream");
  }

  private static int indexOfFirstBranch(RecordingSink sink) {
    List<RecordingSink.Item> items = sink.items();
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof RecordingSink.Item.Branch) {
        return i;
      }
    }
    throw new AssertionError("no branch in the stream");
  }
}
