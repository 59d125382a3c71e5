package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.TraceePays;
import dev.bts.accounting.TracerPays;
import dev.bts.accounting.UserPays;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.ExitStatus;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.Refusal;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.program.SyntheticProgram;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the simulated backend does beyond the contract. */
class SimSessionTest {
  private static final long PAGE = 4096;

  private final Machine machine = new Machine();
  private final JournaledLedger ledger = new JournaledLedger();
  private final SimTracer tracer = new SimTracer(machine, ledger);
  private final RecordingSink sink = new RecordingSink();

  @AfterEach
  void nothingIsChargedAnyMore() {
    assertThat(ledger.liveReceipts()).isEmpty();
    assertThat(tracer.tracer().mm().lockedPages()).isZero();
    assertThat(machine.memory().user(tracer.tracer().credentials().principal()).memlockPages())
        .isZero();
  }

  private static TraceRequest.Builder synthetic(String options) {
    return TraceRequest.command(List.of(("synthetic " + options).split(" ")));
  }

  private TraceRequest.Builder drained(String options) {
    return synthetic(options).buffer(2 * PAGE, Overflow.DRAIN).sink(sink);
  }

  private SessionStatus run(TraceRequest.Builder request) throws InterruptedException {
    try (TraceSession session = tracer.open(request.build())) {
      session.start();
      session.await();
      return session.status();
    }
  }

  private void limitTracerTo(long pages) {
    machine.setLimits(
        tracer.tracer().group(), tracer.tracer().group().limits().withMemlock(pages * PAGE));
  }

  @Test
  void twoRunsGiveTheSameStreamToTheLastEvent() throws InterruptedException {
    String everything = "--seed 3 --branches 3000 --threads 3 --forks 2 --signals 5 --execs 1";
    RecordingSink first = new RecordingSink();
    RecordingSink second = new RecordingSink();
    for (RecordingSink receiver : List.of(first, second)) {
      SimTracer fresh = new SimTracer();
      try (TraceSession session =
          fresh.open(
              synthetic(everything)
                  .buffer(PAGE, Overflow.DRAIN)
                  .policy(new TraceePays())
                  .recordScheduling(true)
                  .sink(receiver)
                  .build())) {
        session.start();
        assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
      }
    }
    assertThat(second.items()).isEqualTo(first.items());
    // Main, two threads and two children, twice: before and after the exec.
    assertThat(first.branches()).hasSize(2 * 5 * 3000);
    assertThat(first.events(SideEvent.Exec.class)).hasSize(1);
    assertThat(first.events(SideEvent.Signalled.class)).hasSize(10);
  }

  @Test
  void aProgramThatDiesBySignalIsSeenDying() throws InterruptedException {
    try (TraceSession session = tracer.open(drained("--branches 10 --die-by 11").build())) {
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 11));
    }
    assertThat(sink.events(SideEvent.Signalled.class))
        .extracting(SideEvent.Signalled::signal)
        .containsExactly(11);
    assertThat(sink.events(SideEvent.ProcessExited.class))
        .extracting(SideEvent.ProcessExited::signal)
        .containsExactly(11);
  }

  // ---- payers ----

  @Test
  void theTraceePaysForEachAddressSpaceAndTheTracerForAllTogether() throws InterruptedException {
    run(drained("--branches 500 --forks 2 --threads 2").policy(new TraceePays()));
    List<Receipt> receipts = charged();
    assertThat(receipts).hasSize(3);
    assertThat(owners(receipts)).hasSize(3);
    assertThat(refunded()).containsExactlyInAnyOrderElementsOf(receipts);
    RecordingSink tracerPays = new RecordingSink();
    run(
        synthetic("--branches 500 --forks 2 --threads 2")
            .buffer(PAGE, Overflow.DRAIN)
            .sink(tracerPays)
            .policy(new TracerPays()));
    assertThat(tracerPays.events(SideEvent.Charged.class)).hasSize(1);
  }

  @Test
  void afterAnExecTheNewAddressSpacePays() throws InterruptedException {
    run(drained("--branches 500 --execs 3").policy(new TraceePays()));
    List<Receipt> receipts = charged();
    assertThat(owners(receipts)).hasSize(4);
    assertThat(refunded()).isEqualTo(receipts);
    assertThat(sink.branches()).hasSize(4 * 500);
    assertThat(sink.lost()).isZero();
  }

  @Test
  void recordsOutliveTheAddressSpaceThatPaidForThem() throws InterruptedException {
    try (TraceSession session =
        tracer.open(
            synthetic("--branches 50 --execs 1")
                .buffer(PAGE, Overflow.WRAP)
                .policy(new TraceePays())
                .build())) {
      session.start();
      session.await();
      assertThat(session.status().chargedPages()).isZero();
      assertThat(session.size()).isEqualTo(100);
      assertThat(session.drain(sink)).isEqualTo(100);
    }
  }

  @Test
  void buffersOfProgramsThatAreGoneAreBounded() throws InterruptedException {
    try (TraceSession session =
        tracer.open(
            synthetic("--branches 50 --execs 100")
                .buffer(PAGE, Overflow.WRAP)
                .policy(new TraceePays())
                .build())) {
      session.start();
      session.await();
      SessionStatus status = session.status();
      assertThat(status.branches()).isEqualTo(101 * 50);
      assertThat(status.lost() + session.size()).isEqualTo(status.branches());
      assertThat(session.size()).isBetween(50L, 10L * 50);
      session.drain(sink);
      assertThat(sink.lost()).isEqualTo(status.lost());
    }
  }

  @Test
  void rootIsLiftedOverTheLimitByItsCapabilityAndTheReceiptSaysSo() throws InterruptedException {
    machine.setCredentials(tracer.tracer(), Credentials.root());
    limitTracerTo(1);
    try (TraceSession session =
        tracer.open(synthetic("--endless").buffer(4 * PAGE, Overflow.WRAP).build())) {
      assertThat(session.receipts().get(0).liftedBy()).isEqualTo("CAP_IPC_LOCK");
      assertThat(tracer.tracer().mm().lockedPages()).isEqualTo(4);
    }
  }

  @Test
  void strictMakesTheKernelRefuseRootToo() {
    machine.setCredentials(tracer.tracer(), Credentials.root());
    limitTracerTo(1);
    for (ChargingPolicy policy : List.of(new TraceePays(), new TracerPays(), new UserPays())) {
      TraceRequest request =
          synthetic("--endless")
              .buffer(4 * PAGE, Overflow.WRAP)
              .policy(policy)
              .strict(true)
              .build();
      assertThatThrownBy(() -> tracer.open(request))
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("is 4 KiB, 0 in use, 16 asked: lower --buffer to 4K");
    }
  }

  @Test
  void anAutomaticBufferTakesWhatTheLimitLeaves() {
    limitTracerTo(7);
    try (TraceSession session =
        tracer.open(synthetic("--endless").buffer(-1, Overflow.WRAP).build())) {
      assertThat(session.status().chargedPages()).isEqualTo(7);
    }
    limitTracerTo(0);
    assertThatThrownBy(() -> tracer.open(synthetic("--endless").buffer(-1, Overflow.WRAP).build()))
        .isInstanceOf(ChargeRefusedException.class);
  }

  @Test
  void twoSessionsOfOneUserShareThePool() {
    limitTracerTo(5);
    TraceRequest request =
        synthetic("--endless").buffer(3 * PAGE, Overflow.WRAP).policy(new UserPays()).build();
    try (TraceSession first = tracer.open(request)) {
      assertThatThrownBy(() -> tracer.open(request))
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("RLIMIT_MEMLOCK of uid 1000 is 20 KiB, 12 in use, 12 asked");
      first.resize(2 * PAGE);
      try (TraceSession second = tracer.open(request)) {
        assertThat(second.status().chargedPages()).isEqualTo(3);
      }
    }
  }

  @Test
  void anotherUsersProcessPaysOnlyWhenInsistedOn() {
    Task other = machine.boot(Credentials.user(2000), tracer.tracer().group().limits());
    Task target = machine.spawn(other, SyntheticProgram.of(List.of("synthetic", "--endless")));
    machine.setCredentials(tracer.tracer(), Credentials.root());
    TraceRequest.Builder request =
        TraceRequest.process(target.tid()).buffer(PAGE, Overflow.WRAP).policy(new TraceePays());
    assertThatThrownBy(() -> tracer.open(request.build()))
        .isInstanceOf(ChargeRefusedException.class)
        .hasMessageContaining("--charge-other");
    assertThat(target.observer()).isNull();
    try (TraceSession session = tracer.open(request.chargeOther(true).build())) {
      assertThat(session.status().chargedPages()).isEqualTo(1);
      assertThat(target.mm().lockedPages()).isEqualTo(1);
    }
    assertThat(target.mm().lockedPages()).isZero();
  }

  @Test
  void anotherUsersProcessIsNotTracedWithoutTheCapability() {
    Task other = machine.boot(Credentials.user(2000), tracer.tracer().group().limits());
    Task target = machine.spawn(other, SyntheticProgram.of(List.of("synthetic", "--endless")));
    TraceRequest request = TraceRequest.process(target.tid()).buffer(PAGE, Overflow.WRAP).build();
    assertThatThrownBy(() -> tracer.open(request))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("EPERM")
        .hasMessageContaining("CAP_SYS_PTRACE");
  }

  @Test
  void aPlanThatTheKernelHasNoCallForIsRefused() {
    ChargingPolicy pinned =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "pinned";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            Account account = new Account(Account.Kind.PINNED_VM, request.tracer().mm());
            return new ChargePlan.Admitted(List.of(new Charge(account, request.pages())), "");
          }
        };
    assertThatThrownBy(
            () ->
                tracer.open(
                    synthetic("--endless").buffer(PAGE, Overflow.WRAP).policy(pinned).build()))
        .isInstanceOf(ChargeRefusedException.class)
        .hasMessageContaining("no system call that charges");
  }

  @Test
  void aSessionThatCannotBeOpenedLeavesNoProcess() {
    limitTracerTo(1);
    int nextPid = tracer.tracer().tid() + 1;
    assertThatThrownBy(
            () -> tracer.open(synthetic("--endless").buffer(2 * PAGE, Overflow.WRAP).build()))
        .isInstanceOf(ChargeRefusedException.class);
    assertThat(machine.process(nextPid)).isNull();
    assertThat(machine.task(nextPid)).isNull();
  }

  // ---- refusal in mid-session ----

  /** Lets the tracee pay, but no child of it. */
  private record OnlyFirst(ChargingPolicy policy, int pid) implements ChargingPolicy {
    @Override
    public String name() {
      return "only-first";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      if (request.tracee().mm().pid() != pid) {
        return new ChargePlan.Refused(Refusal.because(name(), request.pages(), "a child", "none"));
      }
      return policy.plan(request, view);
    }
  }

  private TraceRequest.Builder forkRefused(OnRefusal onRefusal) {
    int pid = tracer.tracer().tid() + 1;
    return drained("--branches 500 --forks 1")
        .policy(new OnlyFirst(new TraceePays(), pid))
        .onRefusal(onRefusal);
  }

  private long branchesOf(int tid) {
    return sink.branches().stream().filter(record -> record.tid() == tid).count();
  }

  private int childPid() {
    return sink.events(SideEvent.ProcessStarted.class).get(1).pid();
  }

  @Test
  void onRefusalShareRecordsTheChildIntoMemoryThatIsPaidFor() throws InterruptedException {
    SessionStatus status = run(forkRefused(OnRefusal.SHARE));
    assertThat(branchesOf(childPid())).isEqualTo(500);
    assertThat(status.lost()).isZero();
    assertThat(charged()).hasSize(1);
  }

  @Test
  void onRefusalLoseCountsWhatTheChildDoesAsLost() throws InterruptedException {
    SessionStatus status = run(forkRefused(OnRefusal.LOSE));
    assertThat(branchesOf(childPid())).isZero();
    assertThat(status.lost()).isEqualTo(500);
    assertThat(sink.lost()).isEqualTo(500);
    assertThat(sink.events(SideEvent.Lost.class))
        .allSatisfy(lost -> assertThat(lost.tid()).isEqualTo(childPid()))
        .allSatisfy(lost -> assertThat(lost.reason()).contains("a child"));
  }

  @Test
  void onRefusalStopLeavesTheChildAloneAndSaysSo() throws InterruptedException {
    SessionStatus status = run(forkRefused(OnRefusal.STOP));
    assertThat(branchesOf(childPid())).isZero();
    assertThat(status.lost()).isZero();
    assertThat(sink.events(SideEvent.Lost.class))
        .singleElement()
        .satisfies(note -> assertThat(note.count()).isZero())
        .satisfies(note -> assertThat(note.reason()).contains("not recorded", "a child"));
    assertThat(sink.events(SideEvent.ProcessExited.class)).hasSize(2);
  }

  @Test
  void onRefusalFailEndsTheSessionWithTheRefusal() {
    try (TraceSession session = tracer.open(forkRefused(OnRefusal.FAIL).build())) {
      session.start();
      assertThatThrownBy(session::await)
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("a child");
      assertThat(session.status().state()).isEqualTo(TraceSession.State.DETACHED);
      assertThat(session.status().chargedPages()).isZero();
      assertThat(machine.process(session.pid())).as("it runs on, untraced").isNotNull();
    }
  }

  @Test
  void aChildThatSharesGoesOnWhenItsParentThatPaidIsGone() throws InterruptedException {
    int pid = tracer.tracer().tid() + 1;
    run(
        drained("--branches 500 --forks 1 --execs 1")
            .policy(new OnlyFirst(new TraceePays(), pid))
            .onRefusal(OnRefusal.SHARE));
    assertThat(sink.branches()).hasSize(4 * 500);
    assertThat(sink.lost()).isZero();
  }

  // ---- the rest ----

  @Test
  void withoutABufferEveryBranchIsLostUntilOneIsConfigured() throws InterruptedException {
    try (TraceSession session =
        tracer.open(synthetic("--branches 100").buffer(0, Overflow.WRAP).build())) {
      session.start();
      session.await();
      assertThat(session.status().lost()).isEqualTo(100);
      session.drain(sink);
      assertThat(sink.events(SideEvent.Lost.class))
          .singleElement()
          .satisfies(lost -> assertThat(lost.reason()).contains("no buffer"));
    }
  }

  @Test
  void drainingNeedsASinkFromTheStart() {
    try (TraceSession session =
        tracer.open(synthetic("--endless").buffer(0, Overflow.DRAIN).build())) {
      assertThatThrownBy(() -> session.resize(PAGE))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("without a sink");
    }
  }

  @Test
  void aWaitingTraceeGoesOnWhenTheUntracedChildItWaitsForHasEnded() throws InterruptedException {
    SessionStatus status = run(drained("--branches 500 --forks 2").followChildren(false));
    assertThat(status.branches()).isEqualTo(500);
  }

  @Test
  void sessionsOnOneMachineRunSideBySide() throws InterruptedException {
    RecordingSink other = new RecordingSink();
    try (TraceSession first = tracer.open(drained("--branches 20000 --seed 1").build());
        TraceSession second =
            tracer.open(
                synthetic("--branches 20000 --seed 2")
                    .buffer(PAGE, Overflow.DRAIN)
                    .sink(other)
                    .build())) {
      first.start();
      second.start();
      first.await();
      second.await();
    }
    assertThat(sink.branches().stream().map(BranchRecord::tid).distinct()).hasSize(1);
    assertThat(sink.branches()).hasSize(20_000);
    assertThat(other.branches()).hasSize(20_000);
  }

  @Test
  void attachingToAMultiThreadedProcessTracesAllItsThreads() throws InterruptedException {
    Task target =
        machine.spawn(
            tracer.tracer(),
            SyntheticProgram.of(List.of("synthetic", "--endless", "--threads", "3")));
    assertThat(machine.runUntraced(1000)).isEqualTo(1000);
    try (TraceSession session =
        tracer.open(
            TraceRequest.process(target.tid()).buffer(PAGE, Overflow.DRAIN).sink(sink).build())) {
      assertThat(session.status().threads()).isEqualTo(3);
      session.start();
      while (session.status().branches() < 5000) {
        Thread.onSpinWait();
      }
    }
    Set<Integer> tids = sink.branches().stream().map(BranchRecord::tid).collect(Collectors.toSet());
    assertThat(tids).hasSize(3).contains(target.tid());
    assertThat(sink.events(SideEvent.ThreadStarted.class)).hasSize(2);
    assertThat(machine.runUntraced(100)).isEqualTo(100);
  }

  private List<Receipt> charged() {
    return sink.events(SideEvent.Charged.class).stream().map(SideEvent.Charged::receipt).toList();
  }

  private List<Receipt> refunded() {
    return sink.events(SideEvent.Refunded.class).stream().map(SideEvent.Refunded::receipt).toList();
  }

  private static Set<AccountOwner> owners(List<Receipt> receipts) {
    return receipts.stream()
        .flatMap(receipt -> receipt.charges().stream())
        .map(charge -> charge.account().owner())
        .collect(Collectors.toSet());
  }
}
