package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.ExitStatus;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.contract.Auditor;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.SideEvent;
import dev.bts.sim.kernel.Capability;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.LockedSegment;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Mapping;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.TaskGroup;
import dev.bts.sim.program.SyntheticProgram;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens to tracers and tracees while a charge stands, on the modelled machine. */
class SimLifecycleTest {
  private static final long PAGE = 4096;
  private static final int SIGKILL = 9;
  private static final long LIMIT_PAGES = 16;
  private static final AccountOwner.Group GROUP = new AccountOwner.Group("/a/b");

  private final Machine machine = new Machine();
  private final JournaledLedger ledger = new JournaledLedger();
  private final ResourceLimits limits = ResourceLimits.STANDARD.withMemlock(LIMIT_PAGES * PAGE);
  private final Task tracerTask = machine.boot(Credentials.user(1000), limits);
  private final SimTracer tracer = new SimTracer(machine, ledger, tracerTask);
  private final Auditor auditor = new Auditor(ledger, new MachineCounters(machine));
  private final RecordingSink sink = new RecordingSink();

  @BeforeEach
  void watch() {
    machine.move(tracerTask.group(), GROUP);
    machine.memory().setLimit(GROUP, LIMIT_PAGES);
    for (Task task : List.of(tracerTask)) {
      auditor.watch(Account.totalVm(task.mm().identity()));
      auditor.watch(Account.lockedVm(task.mm().identity()));
      auditor.watch(Account.pinnedVm(task.mm().identity()));
    }
    for (int uid : new int[] {1000, 2000}) {
      auditor.watch(Account.userMemlock(Credentials.user(uid).principal()));
      auditor.watch(Account.userPerf(Credentials.user(uid).principal()));
    }
    GROUP.levels().forEach(level -> auditor.watch(Account.groupMemory(level)));
  }

  @AfterEach
  void allIsWhereItBegan() {
    synchronized (machine) {
      auditor.checkNothingIsLeft();
    }
  }

  static Stream<String> policies() {
    return Policies.builtIn().stream().map(policy -> policy.name());
  }

  private void check() {
    synchronized (machine) {
      auditor.check();
    }
  }

  private static TraceRequest.Builder request(String policy, long pages, String options) {
    return with(policy, pages, TraceRequest.command(List.of(("synthetic " + options).split(" "))));
  }

  private static TraceRequest.Builder with(String policy, long pages, TraceRequest.Builder target) {
    return target.policy(Policies.named(policy)).buffer(pages * PAGE, Overflow.WRAP);
  }

  private Task running(Task parent) {
    return machine.spawn(parent, SyntheticProgram.of(List.of("synthetic", "--endless")));
  }

  private static void branch(TraceSession session) {
    long goal = session.status().branches() + session.status().lost() + 10;
    session.start();
    while (session.status().branches() + session.status().lost() < goal) {
      Thread.onSpinWait();
    }
    session.pause();
  }

  private List<SideEvent.AccountingDrift> drifts() {
    return sink.events(SideEvent.AccountingDrift.class);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void growShrinkAndFreeMoveTheCountersByThePagesOfTheReceipts(String policy) {
    try (TraceSession session = tracer.open(request(policy, 4, "--endless").build())) {
      for (int pages : new int[] {7, 2, 0, 5}) {
        session.resize(pages * PAGE);
        branch(session);
        assertThat(session.status().chargedPages()).isEqualTo(pages);
        check();
      }
      session.drain(sink);
      assertThat(drifts()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aTraceeThatIsKilledFirstLeavesNothingCharged(String policy) throws InterruptedException {
    try (TraceSession session = tracer.open(request(policy, 4, "--endless --threads 3").build())) {
      branch(session);
      machine.kill(Objects.requireNonNull(machine.process(session.pid())), SIGKILL);
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, SIGKILL));
      assertThat(session.status().chargedPages()).isZero();
      check();
      assertThat(session.size()).as("records outlive the payer").isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aTracerThatDiesWithoutDetachingLeavesOnlyWhatTheTraceePaysAndThatUntilItsEnd(String policy) {
    Task target = running(machine.boot(Credentials.user(1000), limits));
    TraceSession abandoned =
        tracer.open(with(policy, 5, TraceRequest.process(target.tid())).build());
    branch(abandoned);
    machine.exit(tracerTask);
    boolean traceePays = policy.equals("tracee");
    assertThat(target.observer()).isNull();
    assertThat(target.mm().lockedPages()).isEqualTo(traceePays ? 5 : 0);
    assertThat(machine.memory().user(Credentials.user(1000).principal()).memlockPages()).isZero();
    assertThat(machine.memory().user(Credentials.user(1000).principal()).perfPages()).isZero();
    assertThat(machine.memory().group(GROUP).pages()).isZero();

    assertThat(machine.runUntraced(100)).as("the tracee runs on").isEqualTo(100);
    machine.kill(target.group(), SIGKILL);
    machine.step(target);
    assertThat(target.mm().lockedPages()).isZero();
    // Closed last: what it believes in was the dead tracer's.
    abandoned.close();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aLimitLoweredBelowUseTakesNothingAwayAndLetsNothingGrow(String policy) {
    try (TraceSession session = tracer.open(request(policy, 8, "--endless").build())) {
      TaskGroup process = Objects.requireNonNull(machine.process(session.pid()));
      machine.setLimits(process, limits.withMemlock(2 * PAGE));
      machine.setLimits(tracerTask.group(), limits.withMemlock(2 * PAGE));
      machine.memory().setLimit(GROUP, 2);
      branch(session);
      // What perf gives of its own does not depend on this limit.
      if (!policy.equals("perf")) {
        for (int pages : new int[] {16, 8, 1}) {
          assertThatThrownBy(() -> session.resize(pages * PAGE))
              .isInstanceOf(ChargeRefusedException.class);
        }
        assertThat(session.status().chargedPages()).isEqualTo(8);
      }
      session.resize(0);
      session.resize(2 * PAGE);
      check();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aTracerThatChangesUserAndGroupIsRefundedWhereItPaid(String policy) {
    machine.setCredentials(tracerTask, tracerTask.credentials().with(Capability.CAP_SYS_PTRACE));
    try (TraceSession session = tracer.open(request(policy, 4, "--endless").build())) {
      Receipt first = session.receipts().get(0);
      machine.setCredentials(tracerTask, Credentials.user(2000).with(Capability.CAP_SYS_PTRACE));
      machine.move(tracerTask.group(), new AccountOwner.Group("/a/c"));
      check();
      session.resize(0);
      check();
      if (policy.equals("tracee")) {
        assertThatThrownBy(() -> session.resize(3 * PAGE))
            .isInstanceOf(ChargeRefusedException.class)
            .hasMessageContaining("nobody else's limit is charged unasked");
        return;
      }
      session.resize(3 * PAGE);
      Receipt second = session.receipts().get(1);
      boolean stays = policy.equals("tracer");
      assertThat(second.charges().get(0).account().equals(first.charges().get(0).account()))
          .isEqualTo(stays);
      check();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void anotherTracerWithAnotherSizeFindsEverythingWhereItBegan(String policy) {
    Task target = running(machine.boot(Credentials.user(1000), limits));
    for (int pages : new int[] {3, 11, 1}) {
      JournaledLedger books = new JournaledLedger();
      Task other = machine.boot(Credentials.user(1000), limits);
      try (TraceSession session =
          new SimTracer(machine, books, other)
              .open(with(policy, pages, TraceRequest.process(target.tid())).build())) {
        branch(session);
        assertThat(target.mm().lockedPages()).isEqualTo(policy.equals("tracee") ? pages : 0);
        assertThat(other.mm().lockedPages()).isEqualTo(policy.equals("tracer") ? pages : 0);
      }
      assertThat(books.liveReceipts()).isEmpty();
      assertThat(target.mm().lockedPages() + other.mm().lockedPages()).isZero();
      check();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void twoTracersThatTraceEachOthersChildrenHoldNoMoreThanTheyMay(String policy) {
    Task other = machine.boot(Credentials.user(1000), limits);
    machine.move(other.group(), GROUP);
    SimTracer second = new SimTracer(machine, ledger, other);
    Task mine = running(tracerTask);
    Task theirs = running(other);
    try (TraceSession first =
            tracer.open(with(policy, 10, TraceRequest.process(theirs.tid())).build());
        TraceSession crossed =
            second.open(with(policy, 0, TraceRequest.process(mine.tid())).build())) {
      branch(first);
      branch(crossed);
      boolean onePool = policy.equals("user") || policy.equals("cgroup");
      long most = onePool ? LIMIT_PAGES - 10 : LIMIT_PAGES;
      if (!policy.equals("perf")) {
        assertThatThrownBy(() -> crossed.resize((most + 1) * PAGE))
            .isInstanceOf(ChargeRefusedException.class);
      }
      crossed.resize(most * PAGE);
      check();
    }
    assertThat(mine.mm().lockedPages() + theirs.mm().lockedPages()).isZero();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aTraceeThatIsATracerPaysForBothWithinItsLimits(String policy) {
    Task middle = running(tracerTask);
    Task target = running(middle);
    machine.setLimits(middle.group(), limits);
    SimTracer inner = new SimTracer(machine, ledger, middle);
    try (TraceSession outer =
            tracer.open(with(policy, 10, TraceRequest.process(middle.tid())).build());
        TraceSession nested =
            inner.open(with("tracer", 6, TraceRequest.process(target.tid())).build())) {
      branch(nested);
      check();
      // Where the outer tracee pays, it is the inner tracer who is charged: one account for both.
      boolean sameAccount = policy.equals("tracee");
      assertThat(middle.mm().lockedPages()).isEqualTo(sameAccount ? 16 : 6);
      if (sameAccount) {
        assertThatThrownBy(() -> nested.resize(PAGE)).isInstanceOf(ChargeRefusedException.class);
      } else {
        nested.resize(9 * PAGE);
      }
      check();
      assertThat(outer.status().chargedPages()).isEqualTo(10);
    }
  }

  @Test
  void theSameUserIdInAnotherUserNamespaceIsAnotherPool() {
    Credentials inside = new Credentials(new Principal(2, 1000), Set.of());
    Task contained = machine.boot(inside, limits);
    SimTracer second = new SimTracer(machine, ledger, contained);
    try (TraceSession first = tracer.open(request("user", 16, "--endless").build());
        TraceSession other = second.open(request("user", 16, "--endless").build())) {
      branch(first);
      branch(other);
      check();
      assertThat(machine.memory().user(inside.principal()).memlockPages()).isEqualTo(16);
    }
    assertThat(machine.memory().user(inside.principal()).memlockPages()).isZero();
  }

  @Test
  void whatOthersHaveLockedOnTheSameCounterIsNeitherChargedNorRefunded()
      throws SystemCallException {
    Mapping foreign = machine.memory().mapLocked(tracerTask, 7, tracerTask.credentials());
    auditor.foreignUse(Account.totalVm(tracerTask.mm().identity()), 7);
    auditor.foreignUse(Account.lockedVm(tracerTask.mm().identity()), 7);
    assertThatThrownBy(() -> tracer.open(request("tracer", 10, "--endless").build()))
        .isInstanceOf(ChargeRefusedException.class)
        .hasMessageContaining("lower --buffer to 36K");
    try (TraceSession session = tracer.open(request("tracer", 9, "--endless").build())) {
      branch(session);
      check();
    }
    check();
    machine.memory().unmap(foreign);
    auditor.foreignUse(Account.totalVm(tracerTask.mm().identity()), 0);
    auditor.foreignUse(Account.lockedVm(tracerTask.mm().identity()), 0);
  }

  // ---- drift ----

  private Mapping buffer(TraceSession session) {
    return Objects.requireNonNull(machine.task(session.pid())).mm().mappings().stream()
        .filter(Mapping::locked)
        .findFirst()
        .orElseThrow();
  }

  private void assertDrift(Receipt receipt, Account.Kind kind, long predicted, long kernel) {
    Account account =
        receipt.charges().stream()
            .map(charge -> charge.account())
            .filter(a -> a.kind() == kind)
            .findFirst()
            .orElseThrow();
    assertThat(drifts())
        .extracting(
            SideEvent.AccountingDrift::account,
            SideEvent.AccountingDrift::predictedPages,
            SideEvent.AccountingDrift::kernelPages)
        .containsOnlyOnce(tuple(account.toString(), predicted, kernel));
  }

  @Test
  void aTraceeThatUnlocksItsBufferIsNoticedWhenTheBufferIsFull() {
    TraceRequest.Builder request =
        request("tracee", 2, "--endless").buffer(2 * PAGE, Overflow.DRAIN).sink(sink);
    try (TraceSession session = tracer.open(request.build())) {
      branch(session);
      machine.memory().unlock(buffer(session));
      long full = session.status().branches() + 1000;
      session.start();
      while (session.status().branches() < full) {
        Thread.onSpinWait();
      }
      session.pause();
      assertDrift(session.receipts().get(0), Account.Kind.LOCKED_VM, 2, 0);
      session.detach();
      assertDrift(session.receipts().get(0), Account.Kind.LOCKED_VM, -2, 0);
    }
  }

  @Test
  void aTraceeThatUnmapsItsBufferIsNoticedAtTheResize() {
    try (TraceSession session = tracer.open(request("tracee", 2, "--endless").build())) {
      branch(session);
      machine.memory().unmap(buffer(session));
      session.resize(3 * PAGE);
      session.drain(sink);
      assertDrift(session.receipts().get(0), Account.Kind.LOCKED_VM, 2, 0);
      assertDrift(session.receipts().get(0), Account.Kind.TOTAL_VM, 2, 0);
      check();
    }
  }

  @Test
  void aTraceeThatUnlocksItsBufferAndExecutesOrEndsIsNoticed() throws InterruptedException {
    TraceRequest request = request("tracee", 2, "--branches 50 --execs 1").build();
    try (TraceSession session = tracer.open(request)) {
      machine.memory().unlock(buffer(session));
      session.start();
      session.await();
      session.drain(sink);
      assertDrift(session.receipts().get(0), Account.Kind.LOCKED_VM, 2, 0);
      assertThat(drifts()).hasSize(1);
      assertThat(session.receipts()).hasSize(2);
    }
  }

  @Test
  void aProcessOfTheSameUserThatUnlocksTheUsersSegmentIsNoticed() {
    try (TraceSession session = tracer.open(request("user", 2, "--endless").build())) {
      LockedSegment segment =
          machine.memory().user(tracerTask.credentials().principal()).segments().get(0);
      machine.memory().unlock(segment);
      branch(session);
      session.detach();
      session.drain(sink);
      assertDrift(session.receipts().get(0), Account.Kind.USER_MEMLOCK, 2, 0);
      assertDrift(session.receipts().get(0), Account.Kind.USER_MEMLOCK, -2, 0);
    }
  }
}
