package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.BtsConfig;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.ConfigFlag;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CONFIG, STATUS and SIZE, with ALLOC, SCHED and TRACE. */
interface ConfigureContract extends ContractTest {
  @Test
  default void statusAnswersWithWhatWasAskedFor() {
    TraceSession session = open(fixture().shortProgram().buffer(2 * PAGE, Overflow.WRAP));
    SessionStatus status = session.status();
    assertThat(status.config()).isEqualTo(BtsConfig.of(2 * PAGE, ConfigFlag.TRACE));
    assertThat(status.chargedPages()).isEqualTo(2);
    assertThat(status.branches()).isZero();
    assertThat(status.lost()).isZero();
    assertThat(session.size()).isZero();
  }

  @Test
  default void aSizeIsRoundedUpToWholePages() {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE + 1, Overflow.WRAP));
    assertThat(session.status().config().sizeBytes()).isEqualTo(2 * PAGE);
    assertThat(bufferPages(session)).isEqualTo(2);
    session.resize(2 * PAGE + 1);
    assertThat(session.status().config().sizeBytes()).isEqualTo(3 * PAGE);
    assertThat(bufferPages(session)).isEqualTo(3);
  }

  @Test
  default void automaticSizeIsAtLeastOnePageAndPaidFor() {
    TraceSession session = open(fixture().shortProgram().buffer(BufferSpec.AUTO, Overflow.WRAP));
    SessionStatus status = session.status();
    assertThat(status.config().sizeBytes()).isPositive();
    assertThat(status.config().sizeBytes() % PAGE).isZero();
    assertThat(status.chargedPages()).isEqualTo(status.config().sizeBytes() / PAGE);
  }

  @Test
  default void allocGrowsShrinksFreesAndAllocatesAgain() {
    TraceSession session = open(fixture().shortProgram().buffer(2 * PAGE, Overflow.WRAP));
    for (long pages : new long[] {5, 1, 0, 3, 0}) {
      session.configure(BtsConfig.of(pages * PAGE, ConfigFlag.TRACE, ConfigFlag.ALLOC));
      SessionStatus status = session.status();
      assertThat(status.config()).isEqualTo(BtsConfig.of(pages * PAGE, ConfigFlag.TRACE));
      assertThat(status.chargedPages()).isEqualTo(pages);
      assertThat(session.size()).isZero();
    }
    assertThat(bufferReceipts(session)).hasSize(4);
  }

  @Test
  default void withoutAllocTheSizeOfAConfigurationMeansNothing() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(2 * PAGE, Overflow.WRAP));
    runForBranches(session, 10);
    long size = session.size();
    session.configure(BtsConfig.of(9 * PAGE, ConfigFlag.TRACE));
    assertThat(session.status().config().sizeBytes()).isEqualTo(2 * PAGE);
    assertThat(session.size()).isEqualTo(size);
    assertThat(bufferReceipts(session)).hasSize(1);
  }

  @Test
  default void aReplacedBufferTakesItsRecordsWithIt() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(2 * PAGE, Overflow.WRAP));
    runForBranches(session, 10);
    assertThat(session.size()).isPositive();
    session.resize(3 * PAGE);
    assertThat(session.size()).isZero();
    assertThat(bufferPages(session)).isEqualTo(3);
    runForBranches(session, 10);
    assertThat(session.size()).isPositive();
  }

  @Test
  default void aBufferCanBeReplacedWhileTheTraceesRun() throws InterruptedException {
    TraceSession session = open(fixture().endlessProgram().buffer(2 * PAGE, Overflow.WRAP));
    session.start();
    session.resize(4 * PAGE);
    assertThat(session.status().state()).isEqualTo(TraceSession.State.TRACING);
    runForBranches(session, 10);
    assertThat(session.size()).isPositive();
  }

  @Test
  default void aFailedResizeKeepsTheOldBufferAndItsRecords() throws InterruptedException {
    ChargingPolicy upToTwoPages = new CappedPolicy(fixture().policies().get(0), 2);
    TraceSession session =
        open(fixture().endlessProgram().buffer(2 * PAGE, Overflow.WRAP).policy(upToTwoPages));
    runForBranches(session, 10);
    SessionStatus before = session.status();
    List<BranchRecord> records = readAll(session);
    assertThatThrownBy(() -> session.resize(3 * PAGE))
        .isInstanceOf(ChargeRefusedException.class)
        .hasMessageContaining(upToTwoPages.name());
    assertThat(session.status()).isEqualTo(before);
    assertThat(readAll(session)).isEqualTo(records);
    assertThat(bufferReceipts(session)).hasSize(1);
    runForBranches(session, 10);
    assertThat(session.status().branches()).isGreaterThanOrEqualTo(before.branches() + 10);
  }

  @Test
  default void absurdSizesAreRefusedAndChangeNothing() {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    assertThatThrownBy(() -> session.resize(BufferSpec.MAX_BYTES + 1))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> session.resize(Long.MAX_VALUE))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(bufferPages(session)).isEqualTo(1);
  }

  @Test
  default void withoutTraceNothingIsRecordedAndNothingIsLost() throws InterruptedException {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    session.configure(BtsConfig.of(0));
    assertThat(run(session)).isEqualTo(fixture().shortProgramStatus());
    assertThat(session.size()).isZero();
    assertThat(session.status().branches()).isZero();
    assertThat(session.status().lost()).isZero();
  }

  @Test
  default void schedRecordsArrivalsAndDeparturesInTurn() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.DRAIN).sink(sink));
    session.configure(BtsConfig.of(0, ConfigFlag.TRACE, ConfigFlag.SCHED));
    assertThat(session.status().config().flags())
        .containsExactlyInAnyOrder(ConfigFlag.TRACE, ConfigFlag.SCHED);
    run(session);
    List<SideEvent> moves = new ArrayList<>();
    for (RecordingSink.Item item : sink.items()) {
      if (item instanceof RecordingSink.Item.Branch) {
        assertThat(moves).as("arrived before its first branch").isNotEmpty();
      } else if (item instanceof RecordingSink.Item.Event e
          && (e.event() instanceof SideEvent.Arrived || e.event() instanceof SideEvent.Departed)) {
        moves.add(e.event());
      }
    }
    for (int i = 0; i < moves.size(); i++) {
      assertThat(moves.get(i))
          .isInstanceOf(i % 2 == 0 ? SideEvent.Arrived.class : SideEvent.Departed.class);
      assertThat(moves.get(i).tid()).isEqualTo(session.pid());
    }
  }

  @Test
  default void withoutSchedThereAreNoArrivalsAndDepartures() throws InterruptedException {
    RecordingSink sink = completeTrace();
    assertThat(sink.events(SideEvent.Arrived.class)).isEmpty();
    assertThat(sink.events(SideEvent.Departed.class)).isEmpty();
  }

  private static List<BranchRecord> readAll(TraceSession session) {
    List<BranchRecord> records = new ArrayList<>();
    for (long i = 0; i < session.size(); i++) {
      records.add(session.get(i));
    }
    return records;
  }
}
