package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.SideEvent.ProcessExited;
import dev.bts.api.record.SideEvent.ProcessStarted;
import dev.bts.api.record.SideEvent.ThreadExited;
import dev.bts.api.record.SideEvent.ThreadStarted;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Side events and branches in one stream. */
interface StreamContract extends ContractTest {
  @Test
  default void theProcessStartsBeforeItsFirstBranchAndExitsAfterItsLast()
      throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.DRAIN).sink(sink));
    run(session);
    List<ProcessStarted> starts = sink.events(ProcessStarted.class);
    List<ProcessExited> exits = sink.events(ProcessExited.class);
    assertThat(starts).hasSize(1);
    assertThat(starts.get(0).pid()).isEqualTo(session.pid());
    assertThat(starts.get(0).command()).isNotBlank();
    assertThat(exits).hasSize(1);
    assertThat(exits.get(0).pid()).isEqualTo(session.pid());
    assertThat(exits.get(0).code()).isEqualTo(fixture().shortProgramStatus().code());
    assertThat(exits.get(0).signal()).isEqualTo(fixture().shortProgramStatus().signal());
    boolean started = false;
    boolean exited = false;
    for (RecordingSink.Item item : sink.items()) {
      if (item instanceof RecordingSink.Item.Branch) {
        assertThat(started).isTrue();
        assertThat(exited).isFalse();
      } else if (item instanceof RecordingSink.Item.Event e) {
        started |= e.event() instanceof ProcessStarted;
        exited |= e.event() instanceof ProcessExited;
      }
    }
  }

  @Test
  default void mappedCodeIsToldBeforeItIsBranchedIn() throws InterruptedException {
    Set<SideEvent.Mapped> mapped = new HashSet<>();
    for (RecordingSink.Item item : completeTrace().items()) {
      if (item instanceof RecordingSink.Item.Event e
          && e.event() instanceof SideEvent.Mapped mapping) {
        mapped.add(mapping);
      } else if (item instanceof RecordingSink.Item.Branch branch) {
        assertThat(mapped)
            .as("mappings before " + branch.record())
            .anySatisfy(
                code ->
                    assertThat(branch.record().from())
                        .isGreaterThanOrEqualTo(code.start())
                        .isLessThan(code.end()));
      }
    }
  }

  @Test
  default void theRecordsOfASingleThreadCarryItsTid() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.DRAIN).sink(sink));
    run(session);
    assertThat(sink.branches())
        .allSatisfy(record -> assertThat(record.tid()).isEqualTo(session.pid()));
  }

  @Test
  default void everyBranchStartsAtOrAfterTheTargetOfTheOneBefore() throws InterruptedException {
    assertContinuous(completeTrace().branches());
  }

  @Test
  default void timeNeverRunsBackwards() throws InterruptedException {
    List<SideEvent> events = completeTrace().events(SideEvent.class);
    assertThat(events).isNotEmpty();
    assertThat(events.stream().map(SideEvent::timeNanos).toList()).isSorted();
  }

  @Test
  default void detachHandsWhatWasNotDrainedToTheSinkOfTheRequest() throws InterruptedException {
    RecordingSink sink = new RecordingSink();
    TraceSession session =
        open(fixture().endlessProgram().buffer(4 * PAGE, Overflow.WRAP).sink(sink));
    runForBranches(session, 10);
    long size = session.size();
    session.detach();
    assertThat((long) sink.branches().size()).isEqualTo(size).isPositive();
    assertThat(session.size()).isZero();
  }

  @Test
  default void everyThreadHasAStreamOfItsOwn() throws InterruptedException {
    Optional<TraceRequest.Builder> threaded = fixture().threadedProgram();
    assumeTrue(threaded.isPresent(), "the fixture has no program with threads");
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(threaded.get().buffer(PAGE, Overflow.DRAIN).sink(sink));
    run(session);
    List<ThreadStarted> started = sink.events(ThreadStarted.class);
    assertThat(started)
        .isNotEmpty()
        .allSatisfy(thread -> assertThat(thread.pid()).isEqualTo(session.pid()));
    assertThat(sink.events(ThreadExited.class).stream().map(ThreadExited::tid).toList())
        .containsExactlyInAnyOrderElementsOf(started.stream().map(ThreadStarted::tid).toList());
    assertThat(session.status().threads()).isEqualTo(started.size() + 1);
    assertThat(session.status().lost()).isZero();
    Set<Integer> alive = new HashSet<>();
    Set<Integer> branched = new HashSet<>();
    for (RecordingSink.Item item : sink.items()) {
      if (item instanceof RecordingSink.Item.Branch branch) {
        assertThat(alive).as("threads alive").contains(branch.record().tid());
        branched.add(branch.record().tid());
      } else if (item instanceof RecordingSink.Item.Event e) {
        if (e.event() instanceof ProcessStarted || e.event() instanceof ThreadStarted) {
          alive.add(e.event().tid());
        } else if (e.event() instanceof ThreadExited) {
          alive.remove(e.event().tid());
        }
      }
    }
    assertThat(branched).hasSize(started.size() + 1);
  }

  @Test
  default void aForkedChildIsTracedToo() throws InterruptedException {
    Optional<TraceRequest.Builder> forking = fixture().forkingProgram();
    assumeTrue(forking.isPresent(), "the fixture has no program that forks");
    RecordingSink sink = new RecordingSink();
    TraceSession session = open(forking.get().buffer(PAGE, Overflow.DRAIN).sink(sink));
    run(session);
    List<ProcessStarted> started = sink.events(ProcessStarted.class);
    assertThat(started).hasSizeGreaterThanOrEqualTo(2);
    assertThat(started.get(0).pid()).isEqualTo(session.pid());
    ProcessStarted child = started.get(1);
    assertThat(child.parentPid()).isEqualTo(session.pid());
    assertThat(sink.branches()).anySatisfy(r -> assertThat(r.tid()).isEqualTo(child.tid()));
    assertThat(sink.events(ProcessExited.class))
        .hasSameSizeAs(started)
        .last()
        .satisfies(exit -> assertThat(exit.pid()).isEqualTo(session.pid()));
  }

  @Test
  default void aForkedChildIsLeftAloneIfChildrenAreNotFollowed() throws InterruptedException {
    Optional<TraceRequest.Builder> forking = fixture().forkingProgram();
    assumeTrue(forking.isPresent(), "the fixture has no program that forks");
    RecordingSink sink = new RecordingSink();
    TraceSession session =
        open(forking.get().buffer(PAGE, Overflow.DRAIN).sink(sink).followChildren(false));
    run(session);
    assertThat(sink.events(ProcessStarted.class)).hasSize(1);
    assertThat(sink.branches())
        .isNotEmpty()
        .allSatisfy(record -> assertThat(record.tid()).isEqualTo(session.pid()));
    assertThat(session.status().threads()).isEqualTo(1);
  }
}
