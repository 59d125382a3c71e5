package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.ExitStatus;
import dev.bts.api.Fidelity;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.contract.Auditor;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.SideEvent;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Many threads and processes under small limits, and tracees that really meet theirs. */
class SimCrowdTest {
  private static final long PAGE = 4096;
  private static final long BRANCHES = 500;
  private static final AccountOwner.Group GROUP = new AccountOwner.Group("/a");

  private final Machine machine = new Machine();
  private final JournaledLedger ledger = new JournaledLedger();
  private final RecordingSink sink = new RecordingSink();
  private final Auditor auditor = new Auditor(ledger, new MachineCounters(machine));

  static Stream<Arguments> policiesAndLimits() {
    List<Arguments> all = new ArrayList<>();
    for (var policy : Policies.builtIn()) {
      for (long limit : new long[] {64 << 10, 8 << 20}) {
        all.add(Arguments.of(policy.name(), limit));
      }
    }
    return all.stream();
  }

  private SimTracer tracer(long limitBytes) {
    Task task =
        machine.boot(Credentials.user(1000), ResourceLimits.STANDARD.withMemlock(limitBytes));
    machine.move(task.group(), GROUP);
    machine.memory().setLimit(GROUP, limitBytes / PAGE);
    return new SimTracer(machine, ledger, task);
  }

  private TraceRequest.Builder request(String policy, long bytes, String options) {
    return TraceRequest.command(
            List.of(("synthetic --branches " + BRANCHES + " " + options).split(" ")))
        .policy(Policies.named(policy))
        .buffer(bytes, Overflow.DRAIN)
        .sink(sink);
  }

  private SessionStatus run(TraceSession session) throws InterruptedException {
    session.start();
    assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
    SessionStatus status = session.status();
    assertThat(status.lost()).isEqualTo(sink.lost());
    assertThat(status.branches()).isEqualTo(sink.branches().size());
    assertThat(status.fidelity())
        .isEqualTo(status.lost() == 0 ? Fidelity.COMPLETE : Fidelity.WINDOWED);
    assertThat(sink.events(SideEvent.AccountingDrift.class)).isEmpty();
    synchronized (machine) {
      auditor.checkNothingIsLeft();
    }
    return status;
  }

  @ParameterizedTest
  @MethodSource("policiesAndLimits")
  void manyThreadsAndProcessesAreRecordedCompletely(String policy, long limit)
      throws InterruptedException {
    try (TraceSession session =
        tracer(limit)
            .open(
                request(policy, limit, "--threads 64 --forks 32")
                    .onRefusal(OnRefusal.FAIL)
                    .build())) {
      SessionStatus status = run(session);
      assertThat(status.branches()).isEqualTo((64 + 32) * BRANCHES);
      assertThat(status.lost()).isZero();
      assertThat(status.threads()).isEqualTo(64 + 32);
      boolean eachPays = policy.equals("tracee");
      assertThat(session.receipts()).hasSize(eachPays ? 1 + 32 : 1);
    }
  }

  /** A session whose first process has no limit left: what it has stays, and it gets no more. */
  private TraceSession poor(String options, OnRefusal onRefusal) {
    TraceSession session =
        tracer(8 << 20).open(request("tracee", 2 * PAGE, options).onRefusal(onRefusal).build());
    machine.setLimits(
        Objects.requireNonNull(machine.process(session.pid())),
        ResourceLimits.STANDARD.withMemlock(0));
    return session;
  }

  private String reasons() {
    return sink.events(SideEvent.Lost.class).toString();
  }

  @ParameterizedTest
  @EnumSource(
      value = OnRefusal.class,
      names = {"SHARE", "LOSE", "STOP"})
  void forksOfAPoorTraceeAreSharedLostOrStoppedAndAddUp(OnRefusal onRefusal)
      throws InterruptedException {
    try (TraceSession session = poor("--forks 8", onRefusal)) {
      SessionStatus status = run(session);
      boolean shared = onRefusal == OnRefusal.SHARE;
      boolean lost = onRefusal == OnRefusal.LOSE;
      assertThat(status.branches()).isEqualTo((shared ? 1 + 8 : 1) * BRANCHES);
      assertThat(status.lost()).isEqualTo(lost ? 8 * BRANCHES : 0);
      assertThat(session.receipts()).hasSize(1);
      if (!shared) {
        assertThat(reasons()).contains("RLIMIT_MEMLOCK of pid", "is 0 KiB");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = OnRefusal.class,
      names = {"SHARE", "LOSE", "STOP"})
  void anExecOfAPoorTraceeHasNothingToShareAndSaysSo(OnRefusal onRefusal)
      throws InterruptedException {
    try (TraceSession session = poor("--execs 1", onRefusal)) {
      SessionStatus status = run(session);
      assertThat(status.branches()).isEqualTo(BRANCHES);
      assertThat(status.lost()).isEqualTo(onRefusal == OnRefusal.STOP ? 0 : BRANCHES);
      assertThat(reasons()).contains("RLIMIT_MEMLOCK of pid", "is 0 KiB");
    }
  }

  @ParameterizedTest
  @MethodSource("poorPrograms")
  void aPoorTraceeFailsTheSessionIfSoAsked(String options) {
    try (TraceSession session = poor(options, OnRefusal.FAIL)) {
      session.start();
      assertThatThrownBy(session::await)
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("is 0 KiB");
      assertThat(session.status().chargedPages()).isZero();
    }
  }

  static Stream<String> poorPrograms() {
    return Stream.of("--forks 1", "--execs 1");
  }

  @ParameterizedTest
  @EnumSource(OnRefusal.class)
  void threadsOfAPoorTraceeNeedNoMoreThanItHas(OnRefusal onRefusal) throws InterruptedException {
    try (TraceSession session = poor("--threads 64", onRefusal)) {
      assertThat(run(session).branches()).isEqualTo(64 * BRANCHES);
    }
  }
}
