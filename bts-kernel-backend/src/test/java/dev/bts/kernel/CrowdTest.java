package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.ExitStatus;
import dev.bts.api.Fidelity;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 64 threads, and 32 processes at once, under limits of 64 KiB and of 8 MiB, whoever pays. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CrowdTest {
  private static final int THREADS = 64;
  private static final int PROCESSES = 32;

  /** Of each: a jump to its work, and 25 rounds of call, return and two jumps, but for the last. */
  private static final long BRANCHES_EACH = 100;

  private static final long SMALL_BYTES = 64L << 10;

  @ParameterizedTest
  @CsvSource({
    "tracee, 65536",
    "tracer, 65536",
    "user, 65536",
    "tracee, 8388608",
    "tracer, 8388608",
    "user, 8388608"
  })
  void threadsUseOneBufferOfTheWholeLimit(String policy, long limit) throws InterruptedException {
    try (Stage stage = new Stage(limit)) {
      SessionStatus status = run(stage, policy, limit, Overflow.DRAIN);
      assertComplete(stage, status);
      assertThat(status.threads()).isEqualTo(1 + THREADS);
      assertThat(status.peakPages()).isEqualTo(limit / Stage.PAGE);
      Set<Integer> tids = new HashSet<>();
      stage.sink.events(SideEvent.ThreadStarted.class).forEach(event -> tids.add(event.tid()));
      assertEachBranched(stage, tids, THREADS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tracee, 65536, 33",
    "tracer, 65536, 1",
    "user, 65536, 1",
    "tracee, 8388608, 33",
    "tracer, 8388608, 1",
    "user, 8388608, 1"
  })
  void processesHaveABufferForEachPayer(String policy, long limit, int payers)
      throws InterruptedException {
    try (Stage stage = new Stage(limit)) {
      // 33 buffers of the whole 8 MiB would be a quarter of a gigabyte of locked memory.
      long bytes = Math.min(limit, SMALL_BYTES);
      SessionStatus status = run(stage, policy, bytes, Overflow.DRAIN, "processes");
      assertComplete(stage, status);
      assertThat(status.peakPages()).isEqualTo(payers * bytes / Stage.PAGE);
      assertEachBranched(stage, children(stage), PROCESSES);
    }
  }

  @ParameterizedTest
  @CsvSource({"tracee", "tracer", "user"})
  void whatDoesNotFitIsLabelledAndAddsUp(String policy) throws InterruptedException {
    long all;
    try (Stage stage = new Stage(SMALL_BYTES)) {
      all = run(stage, policy, SMALL_BYTES, Overflow.DRAIN, "processes").branches();
    }
    try (Stage stage = new Stage(SMALL_BYTES)) {
      SessionStatus status = run(stage, policy, Stage.PAGE, Overflow.STOP, "processes");
      assertThat(status.fidelity()).isEqualTo(Fidelity.WINDOWED);
      assertThat(status.lost()).isPositive().isEqualTo(stage.sink.lost());
      assertThat(stage.sink.branches().size() + status.lost()).isEqualTo(all);
    }
  }

  private static SessionStatus run(
      Stage stage, String policy, long bytes, Overflow overflow, String... arguments)
      throws InterruptedException {
    try (TraceSession session =
        stage.open(
            Stage.program(policy, "asm_crowd", arguments)
                .buffer(bytes, overflow)
                .sink(stage.sink)
                .onRefusal(OnRefusal.FAIL))) {
      stage.auditor.check();
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
      session.drain(stage.sink);
      assertThat(stage.sink.events(SideEvent.AccountingDrift.class)).isEmpty();
      return session.status();
    }
  }

  private static void assertComplete(Stage stage, SessionStatus status) {
    assertThat(status.fidelity()).isEqualTo(Fidelity.COMPLETE);
    assertThat(status.lost()).isZero();
    assertThat(stage.sink.events(SideEvent.Lost.class)).isEmpty();
    assertThat(status.branches()).isEqualTo(stage.sink.branches().size());
  }

  private static Set<Integer> children(Stage stage) {
    Set<Integer> children = new HashSet<>();
    for (SideEvent.ProcessStarted started : stage.sink.events(SideEvent.ProcessStarted.class)) {
      if (started.parentPid() != 0) {
        children.add(started.pid());
      }
    }
    return children;
  }

  private static void assertEachBranched(Stage stage, Set<Integer> tids, int expected) {
    Map<Integer, Long> branches = new HashMap<>();
    for (BranchRecord record : stage.sink.branches()) {
      branches.merge(record.tid(), 1L, Long::sum);
    }
    assertThat(tids).hasSize(expected);
    for (int tid : tids) {
      assertThat(branches).containsEntry(tid, BRANCHES_EACH);
    }
  }
}
