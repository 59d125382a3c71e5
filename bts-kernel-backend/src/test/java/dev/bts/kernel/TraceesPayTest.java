package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.TraceePays;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.Refusal;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.contract.RecordingSink.Item;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.SideEvent.ProcessExited;
import dev.bts.api.record.SideEvent.ProcessStarted;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions whose tracees pay, each for itself, so that there are several buffers. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TraceesPayTest {
  private static final long PAGE = 4096;

  /** The child of asm_fork calls 500 times, returns, and jumps back but for the last time. */
  private static final int CHILD_BRANCHES = 1500;

  private final JournaledLedger ledger = new JournaledLedger();
  private final KernelTracer tracer = new KernelTracer(ledger);
  private final RecordingSink sink = new RecordingSink();

  @AfterEach
  void nothingIsChargedAnyMore() {
    assertThat(ledger.liveReceipts()).isEmpty();
  }

  private static TraceRequest.Builder program(String name) {
    return TraceRequest.command(TraceePrograms.compile(name).toString())
        .withoutRandomization()
        .mechanisms(Mechanism.SINGLE_STEP)
        .policy(new TraceePays());
  }

  private SessionStatus run(TraceRequest.Builder request) throws InterruptedException {
    try (TraceSession session = tracer.open(request.build())) {
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
      return session.status();
    }
  }

  /** Returns where the first item is that is like this. */
  private int first(Predicate<Item> like) {
    List<Item> items = sink.items();
    for (int i = 0; i < items.size(); i++) {
      if (like.test(items.get(i))) {
        return i;
      }
    }
    throw new AssertionError("not in the stream");
  }

  private int last(Predicate<Item> like) {
    List<Item> items = sink.items();
    for (int i = items.size() - 1; i >= 0; i--) {
      if (like.test(items.get(i))) {
        return i;
      }
    }
    throw new AssertionError("not in the stream");
  }

  private static Predicate<Item> branchOf(int tid) {
    return item -> item instanceof Item.Branch branch && branch.record().tid() == tid;
  }

  private static Predicate<Item> start(int pid) {
    return item ->
        item instanceof Item.Event e
            && e.event() instanceof ProcessStarted started
            && started.pid() == pid;
  }

  private static Predicate<Item> exit(int pid) {
    return item ->
        item instanceof Item.Event e
            && e.event() instanceof ProcessExited exited
            && exited.pid() == pid;
  }

  private int parent() {
    return sink.events(ProcessStarted.class).get(0).pid();
  }

  private int child() {
    List<ProcessStarted> starts = sink.events(ProcessStarted.class);
    assertThat(starts).hasSize(2);
    assertThat(starts.get(1).parentPid()).isEqualTo(starts.get(0).pid());
    return starts.get(1).pid();
  }

  private long branchesOf(int tid) {
    return sink.branches().stream().filter(record -> record.tid() == tid).count();
  }

  private void assertOneOrder() {
    int parent = parent();
    int child = child();
    assertThat(first(start(parent))).isLessThan(first(start(child)));
    assertThat(first(start(child))).isLessThan(first(branchOf(child)));
    assertThat(last(branchOf(child))).isLessThan(first(exit(child)));
    // The parent waits for the child: what it does then comes after the child's exit.
    assertThat(first(exit(child))).isLessThan(last(branchOf(parent)));
    assertThat(last(branchOf(parent))).isLessThan(first(exit(parent)));
  }

  @Test
  void eventsAndBranchesOfAllProcessesAreInOneOrderAndNothingIsLost() throws InterruptedException {
    SessionStatus status = run(program("asm_fork").buffer(PAGE, Overflow.DRAIN).sink(sink));
    assertOneOrder();
    assertThat(branchesOf(child())).isGreaterThanOrEqualTo(CHILD_BRANCHES - 1);
    assertThat(status.lost()).isZero();
    assertThat(status.branches()).isEqualTo(sink.branches().size());
    assertThat(charged()).hasSize(2);
    assertThat(sink.events(SideEvent.AccountingDrift.class)).isEmpty();
  }

  @Test
  void aPayerThatHasExitedIsRefundedAndItsRecordsStayReadable() throws InterruptedException {
    try (TraceSession session =
        tracer.open(program("asm_fork").buffer(32 * PAGE, Overflow.WRAP).build())) {
      session.start();
      session.await();
      assertThat(session.status().chargedPages()).isZero();
      assertThat(session.size()).isEqualTo(session.status().branches());
      session.drain(sink);
    }
    assertOneOrder();
    assertThat(branchesOf(child())).isGreaterThanOrEqualTo(CHILD_BRANCHES - 1);
    Set<Receipt> refunded = new HashSet<>();
    sink.events(SideEvent.Refunded.class).forEach(event -> refunded.add(event.receipt()));
    assertThat(refunded).hasSize(2).containsExactlyInAnyOrderElementsOf(charged());
  }

  @Test
  void aSinkThatFailsInTheMiddleOfADrainLeavesNothingCharged() throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    TraceSink failing =
        new TraceSink() {
          @Override
          public void branches(BranchCursor cursor) {
            if (calls.incrementAndGet() == 3) {
              throw new IllegalStateException("the disk is full");
            }
          }

          @Override
          public void event(SideEvent event) {}
        };
    TraceSession session =
        tracer.open(program("asm_fork").buffer(PAGE, Overflow.DRAIN).sink(failing).build());
    try (session) {
      session.start();
      assertThatThrownBy(session::await).hasMessage("the disk is full");
      assertThat(session.status().chargedPages()).isZero();
      for (long i = 0; i < session.size(); i++) {
        assertThat(session.get(i).from()).isNotZero();
      }
    }
    assertThat(calls).hasValue(3);
  }

  @Test
  void resizingReplacesTheBuffersOfAllPayers() throws InterruptedException {
    Thread asking = Thread.currentThread();
    CountDownLatch childSeen = new CountDownLatch(1);
    TraceSink holding =
        new TraceSink() {
          @Override
          public void branches(BranchCursor cursor) {
            sink.branches(cursor);
          }

          @Override
          public void event(SideEvent event) {
            sink.event(event);
            if (event instanceof ProcessStarted started && started.parentPid() != 0) {
              childSeen.countDown();
              // Both processes live on until the question below has come.
              while (asking.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
              }
            }
          }
        };
    try (TraceSession session =
        tracer.open(program("asm_fork").buffer(PAGE, Overflow.DRAIN).sink(holding).build())) {
      session.start();
      childSeen.await();
      session.resize(2 * PAGE);
      session.await();
    }
    assertThat(charged()).extracting(Receipt::pages).containsExactly(1L, 1L, 2L, 2L);
    assertThat(charged().subList(2, 4))
        .extracting(Receipt::charges)
        .allSatisfy(charges -> assertThat(charges).isNotEmpty())
        .doesNotHaveDuplicates();
    assertThat(sink.events(SideEvent.Refunded.class)).hasSize(4);
    assertOneOrder();
  }

  // ---- refusal in mid-session ----

  /** Charges the first tracee that asks, and refuses all others. */
  private static final class OnlyFirst implements ChargingPolicy {
    private final ChargingPolicy policy = new TraceePays();
    private int firstPid;

    @Override
    public String name() {
      return "only-first";
    }

    @Override
    public ChargePlan plan(ChargeRequest request, AccountView view) {
      int pid = request.tracee().mm().pid();
      // Before there is a tracee, the policy is asked about the tracer itself: what it would
      // charge.
      if (firstPid == 0 && pid != request.tracer().mm().pid()) {
        firstPid = pid;
      }
      return pid == firstPid || firstPid == 0
          ? policy.plan(request, view)
          : new ChargePlan.Refused(
              Refusal.because(name(), request.pages(), "it is not the first", "none"));
    }
  }

  private TraceRequest.Builder childRefused(OnRefusal onRefusal) {
    return program("asm_fork")
        .buffer(PAGE, Overflow.DRAIN)
        .sink(sink)
        .policy(new OnlyFirst())
        .onRefusal(onRefusal);
  }

  private List<Receipt> charged() {
    return sink.events(SideEvent.Charged.class).stream().map(SideEvent.Charged::receipt).toList();
  }

  private String reasons() {
    return sink.events(SideEvent.Lost.class).stream()
        .map(SideEvent.Lost::reason)
        .toList()
        .toString();
  }

  @Test
  void onRefusalShareTheChildIsRecordedIntoTheParentsBuffer() throws InterruptedException {
    SessionStatus status = run(childRefused(OnRefusal.SHARE));
    assertOneOrder();
    assertThat(branchesOf(child())).isGreaterThanOrEqualTo(CHILD_BRANCHES - 1);
    assertThat(status.lost()).isZero();
    assertThat(charged()).hasSize(1);
  }

  @Test
  void onRefusalLoseTheBranchesOfTheChildAreCountedWhereTheyAreMissing()
      throws InterruptedException {
    SessionStatus status = run(childRefused(OnRefusal.LOSE));
    int child = child();
    assertThat(branchesOf(child)).isZero();
    assertThat(status.lost()).isEqualTo(sink.lost()).isGreaterThanOrEqualTo(CHILD_BRANCHES - 1);
    int lost = first(item -> item instanceof Item.Event e && e.event() instanceof SideEvent.Lost);
    assertThat(lost).isGreaterThan(first(start(child))).isLessThan(first(exit(child)));
    assertThat(reasons()).contains("it is not the first");
  }

  @Test
  void onRefusalStopTheChildRunsUntracedAndTheTraceSaysSo() throws InterruptedException {
    SessionStatus status = run(childRefused(OnRefusal.STOP));
    assertThat(branchesOf(child())).isZero();
    assertThat(status.lost()).isZero();
    assertThat(reasons()).contains("not recorded from here on", "it is not the first");
    assertThat(sink.events(ProcessExited.class))
        .extracting(ProcessExited::pid)
        .containsExactly(parent());
  }

  @Test
  void onRefusalFailTheSessionEndsAndSaysWhy() throws InterruptedException {
    try (TraceSession session = tracer.open(childRefused(OnRefusal.FAIL).build())) {
      session.start();
      assertThatThrownBy(session::await)
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("it is not the first");
      assertThat(session.status().state()).isEqualTo(TraceSession.State.DETACHED);
      assertThat(session.status().chargedPages()).isZero();
    }
  }
}
