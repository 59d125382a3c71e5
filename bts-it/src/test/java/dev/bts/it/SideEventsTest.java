package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BranchTracers;
import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Threads, forks and execs stand in the stream, and every thread has branches of its own. */
class SideEventsTest {
  @Test
  void everyThreadHasAStreamOfItsOwn() throws InterruptedException {
    Stream stream = trace("threads");
    Set<Integer> started = stream.tidsOf(SideEvent.ThreadStarted.class);
    assertThat(started).hasSize(4);
    assertThat(stream.tidsOf(SideEvent.ThreadExited.class)).containsAll(started);
    Set<Integer> all = new HashSet<>(started);
    all.addAll(stream.tidsOf(SideEvent.ProcessStarted.class));
    assertThat(stream.branching).isEqualTo(all).hasSize(5);
  }

  @Test
  void forksAndTheirEndsAreSeen() throws InterruptedException {
    Stream stream = trace("forks");
    // The program itself, three children, a child with a grandchild, and one that is killed.
    assertThat(stream.tidsOf(SideEvent.ProcessStarted.class)).hasSize(7);
    assertThat(stream.of(SideEvent.ProcessExited.class))
        .extracting(SideEvent.ProcessExited::code)
        .containsOnly(0, 1, 2, 3, 5, 6);
    assertThat(stream.of(SideEvent.ProcessExited.class))
        .extracting(SideEvent.ProcessExited::signal)
        .containsOnly(0, 15);
    // The one that is killed may not have come to its first branch.
    assertThat(stream.tidsOf(SideEvent.ProcessStarted.class)).containsAll(stream.branching);
    assertThat(stream.branching).hasSizeBetween(6, 7);
  }

  @Test
  void execsOfVforkedChildrenAreSeen() throws InterruptedException {
    String path = TraceePrograms.compile("vfork_exec").toString();
    Stream stream = trace("vfork_exec");
    assertThat(stream.tidsOf(SideEvent.ProcessStarted.class)).hasSize(6);
    assertThat(stream.of(SideEvent.Exec.class))
        .filteredOn(exec -> exec.path().equals(path))
        .hasSizeGreaterThanOrEqualTo(4);
  }

  @Test
  void anExecByAThreadEndsTheOthers() throws InterruptedException {
    Stream stream = trace("threads_exec");
    assertThat(stream.tidsOf(SideEvent.ThreadStarted.class)).hasSize(3);
    assertThat(stream.tidsOf(SideEvent.ProcessStarted.class)).hasSize(1);
    assertThat(stream.of(SideEvent.ProcessExited.class)).hasSize(1);
    int pid = stream.of(SideEvent.ProcessStarted.class).get(0).pid();
    assertThat(stream.of(SideEvent.Exec.class)).extracting(SideEvent.Exec::pid).contains(pid);
  }

  private static Stream trace(String name) throws InterruptedException {
    Stream stream = new Stream();
    TraceRequest request =
        TraceRequest.command(TraceePrograms.compile(name).toString())
            .mechanisms(Mechanism.SINGLE_STEP)
            .sink(stream)
            .build();
    try (TraceSession session = BranchTracers.named("kernel").open(request)) {
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
    }
    return stream;
  }

  /** Keeps the events and who branched. */
  private static final class Stream implements TraceSink {
    private final List<SideEvent> events = new ArrayList<>();
    private final Set<Integer> branching = new HashSet<>();

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        branching.add(cursor.tid());
      }
    }

    @Override
    public void event(SideEvent event) {
      events.add(event);
    }

    <E extends SideEvent> List<E> of(Class<E> type) {
      return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    Set<Integer> tidsOf(Class<? extends SideEvent> type) {
      Set<Integer> tids = new HashSet<>();
      for (SideEvent event : of(type)) {
        tids.add(event.tid());
      }
      return tids;
    }
  }
}
