package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.api.BufferInventory;
import dev.bts.api.BufferInventory.Reclaimed;
import dev.bts.api.BufferSpec;
import dev.bts.api.LiveBuffer;
import dev.bts.api.LiveBuffer.Owner;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.Grandchild;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Buffers that a killed tracer has left in the process that pays for them. The tracer is a process
 * of its own ({@link DoomedTracer}); other sessions on the machine do not matter.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class OrphanTest {
  private static final int PAGES = DoomedTracer.PAGES;
  private static final String LOOP = "while :; do :; done";

  /** The liveness word of a dead owner, FUTEX_OWNER_DIED, and where it is in the header. */
  private static final int OWNER_DIED = 0x40000000;

  private static final int LIVENESS_OFFSET = 28;
  private static final int HEADER_BYTES = 128;

  private final BufferInventory inventory = new KernelTracer().inventory();
  private final List<Process> tracers = new ArrayList<>();
  private int pid;
  private List<String> before = List.of();

  @BeforeEach
  void startTarget() {
    pid = Grandchild.start("sh", "-c", LOOP);
    // Then it is in its loop; what it sets up before does not change any more.
    while (userTicks() < 3) {
      assertThat(Grandchild.runs(pid)).isTrue();
    }
    before = traces();
  }

  @AfterEach
  void endAll() throws InterruptedException {
    for (Process tracer : tracers) {
      tracer.descendants().forEach(ProcessHandle::destroyForcibly);
      tracer.destroyForcibly().waitFor();
    }
    Grandchild.kill(pid);
  }

  private Process startTracer(List<String> command) throws IOException {
    Process tracer =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    tracers.add(tracer);
    assertThat(tracer.inputReader().readLine()).isEqualTo("tracing");
    return tracer;
  }

  private Process startTracer() throws IOException {
    List<String> command = new ArrayList<>(DoomedTracer.command());
    command.add(Integer.toString(pid));
    return startTracer(command);
  }

  private void leaveOrphan() throws IOException, InterruptedException {
    startTracer().destroyForcibly().waitFor();
    // The tracer's end is reported when its threads are gone; the trap of the last step comes then.
    while (!isUntraced() || !Grandchild.runs(pid)) {
      Thread.onSpinWait();
    }
  }

  private boolean isUntraced() {
    return ProcFile.statusField(pid, "TracerPid").orElse("").equals("0");
  }

  private Optional<LiveBuffer> buffer() {
    return inventory.list().buffers().stream()
        .filter(buffer -> buffer.mappedBy().contains(pid))
        .findFirst();
  }

  private long lockedPages() {
    return ProcFile.statusPages(pid, "VmLck");
  }

  /** What a tracer could leave in the process: signals, its tracer, buffers, descriptors. */
  private List<String> traces() {
    List<String> lines = new ArrayList<>();
    for (String field : List.of("TracerPid", "SigBlk", "SigIgn", "SigCgt", "VmLck")) {
      lines.add(field + " " + ProcFile.statusField(pid, field).orElse("none"));
    }
    ProcFile.lines("/proc/" + pid + "/maps").stream()
        .filter(line -> line.contains("bts:"))
        .forEach(lines::add);
    lines.addAll(
        Arrays.asList(new java.io.File("/proc/" + pid + "/fd").list()).stream().sorted().toList());
    return lines;
  }

  @Test
  void anOrphanIsFoundAndFreedAndTheProcessGoesOn() throws Exception {
    leaveOrphan();
    LiveBuffer orphan = buffer().orElseThrow();
    assertThat(orphan.owner()).as(orphan.ownerReason()).isEqualTo(Owner.DEAD);
    assertThat(orphan.pid()).isEqualTo(pid);
    assertThat(orphan.policy()).isEqualTo("tracee");
    assertThat(orphan.pages()).isEqualTo(PAGES);
    assertThat(orphan.lockedPages()).hasValue(PAGES);
    assertThat(orphan.payer().orElseThrow())
        .isInstanceOfSatisfying(
            AccountOwner.AddressSpace.class, mm -> assertThat(mm.pid()).isEqualTo(pid));
    assertThat(orphan.ownerPid()).isEqualTo((int) tracers.get(0).pid());
    assertThat(orphan.mappedBy()).containsExactly(pid);
    assertThat(orphan.remarks()).isEmpty();
    assertThat(lockedPages()).isEqualTo(PAGES);

    List<Reclaimed> reclaimed = inventory.reclaim(pid);

    assertThat(reclaimed).hasSize(1);
    assertThat(reclaimed.get(0).lockedBefore()).isEqualTo(PAGES);
    assertThat(reclaimed.get(0).lockedAfter()).isZero();
    assertThat(traces()).isEqualTo(before);
    assertThat(buffer()).isEmpty();
    assertThat(inventory.reclaim(pid)).isEmpty();
    assertTargetComputes();
  }

  private void assertTargetComputes() {
    long ticks = userTicks();
    while (userTicks() == ticks) {
      assertThat(Grandchild.runs(pid)).isTrue();
    }
  }

  private long userTicks() {
    String line = String.join("", ProcFile.lines("/proc/" + pid + "/stat"));
    return Long.parseLong(line.substring(line.lastIndexOf(')') + 2).split(" ", -1)[11]);
  }

  @Test
  void aBufferInUseIsNotTouchedAndOneThatIsReleasedIsGone() throws Exception {
    Process tracer = startTracer();
    LiveBuffer live = buffer().orElseThrow();
    assertThat(live.owner()).isEqualTo(Owner.ALIVE);
    assertThat(live.pid()).isEqualTo(pid);
    assertThat(live.mappedBy()).containsExactlyInAnyOrder(pid, (int) tracer.pid());
    assertThatThrownBy(() -> inventory.reclaim(pid))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("is no orphan");
    assertThat(lockedPages()).isEqualTo(PAGES);
    tracer.outputWriter().close();
    assertThat(tracer.waitFor()).isZero();
    assertThat(buffer()).isEmpty();
    assertThat(traces()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "tracee,37",
    "tracee,-1",
    "tracee,5",
    "tracee,90",
    "tracer,37",
    "user,37",
    "tracee,0"
  })
  void whoAttachesAdoptsTheOrphan(String policy, int pages) throws Exception {
    leaveOrphan();
    JournaledLedger ledger = new JournaledLedger();
    RecordingSink sink = new RecordingSink();
    TraceRequest request =
        TraceRequest.process(pid)
            .policy(Policies.named(policy))
            .buffer(pages < 0 ? BufferSpec.AUTO : pages * BufferSpec.PAGE_BYTES, Overflow.DRAIN)
            .mechanisms(Mechanism.SINGLE_STEP)
            .sink(sink)
            .build();
    try (TraceSession session = new KernelTracer(ledger).open(request)) {
      boolean fits = policy.equals("tracee") && (pages == PAGES || pages < 0);
      boolean mayMap = ProcFile.statusField(pid, "Uid").orElse("").startsWith("0\t");
      if (fits && mayMap) {
        assertThat(session.receipts()).hasSize(1);
        assertThat(lockedPages()).isEqualTo(PAGES);
        assertThat(buffer().orElseThrow().owner()).isEqualTo(Owner.ALIVE);
        assertThat(buffer().orElseThrow().remarks()).isEmpty();
        assertThat(session.status().config().sizeBytes()).isEqualTo(PAGES * BufferSpec.PAGE_BYTES);
      } else {
        assertThat(session.receipts()).hasSize(pages == 0 ? 1 : 2);
        assertThat(ledger.liveReceipts()).hasSize(pages == 0 ? 0 : 1);
        assertThat(lockedPages())
            .isEqualTo(
                policy.equals("tracee") && pages != 0 ? session.receipts().get(1).pages() : 0);
      }
      session.start();
      while (session.status().branches() < 1000 && pages != 0) {
        Thread.onSpinWait();
      }
    }
    assertThat(sink.events(SideEvent.Adopted.class))
        .extracting(event -> event.receipt().pages())
        .containsExactly((long) PAGES);
    assertThat(sink.events(SideEvent.Refunded.class))
        .hasSize(1 + sink.events(SideEvent.Charged.class).size());
    assertThat(sink.events(SideEvent.AccountingDrift.class)).isEmpty();
    assertThat(ledger.liveReceipts()).isEmpty();
    assertThat(traces()).isEqualTo(before);
    assertTargetComputes();
  }

  @Test
  void aTracerSurvivesATraceeThatScribblesOverTheHeader() throws Exception {
    Process tracer = startTracer();
    byte[] garbage = new byte[HEADER_BYTES];
    Arrays.fill(garbage, (byte) 0x5a);
    scribble(0, garbage);
    LiveBuffer live = buffer().orElseThrow();
    assertThat(live.owner()).isEqualTo(Owner.ALIVE);
    assertThat(live.ownerPid()).isZero();
    assertThat(live.remarks()).anyMatch(remark -> remark.contains("first bytes are not"));
    assertThatThrownBy(() -> inventory.reclaim(pid)).isInstanceOf(TargetException.class);
    assertThat(lockedPages()).isEqualTo(PAGES);
    tracer.outputWriter().close();
    assertThat(tracer.waitFor()).isZero();
    assertThat(traces()).isEqualTo(before);
  }

  @Test
  void aTraceeThatCallsItsTracerDeadIsNotBelieved() throws Exception {
    startTracer();
    scribble(LIVENESS_OFFSET, new byte[] {0, 0, 0, OWNER_DIED >>> 24});
    LiveBuffer live = buffer().orElseThrow();
    assertThat(live.owner()).isEqualTo(Owner.ALIVE);
    assertThat(live.remarks()).anyMatch(remark -> remark.contains("which is not so"));
    assertThatThrownBy(() -> inventory.reclaim(pid))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("process " + tracers.get(0).pid() + " (java) traces it already");
    assertThat(lockedPages()).isEqualTo(PAGES);
  }

  @Test
  void whatCannotBeToldIsLeftAlone() throws Exception {
    Process tracer = startTracer();
    scribble(0, new byte[HEADER_BYTES]);
    tracer.destroyForcibly().waitFor();
    LiveBuffer spoilt = buffer().orElseThrow();
    assertThat(spoilt.owner()).isEqualTo(Owner.UNKNOWN);
    assertThat(spoilt.pages()).isEqualTo(PAGES);
    assertThatThrownBy(() -> inventory.reclaim(pid))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("it goes when process " + pid + " ends");
  }

  private void scribble(int offset, byte[] content) throws IOException {
    String line =
        ProcFile.lines("/proc/" + pid + "/maps").stream()
            .filter(entry -> entry.contains("bts:tracee"))
            .findFirst()
            .orElseThrow();
    try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "rw")) {
      memory.seek(Long.parseUnsignedLong(line, 0, line.indexOf('-'), 16) + offset);
      memory.write(content);
    }
  }

  @Test
  void theOwnerMayLiveInAnotherPidNamespace() throws Exception {
    Process trial = new ProcessBuilder("unshare", "-Urpf", "--mount-proc", "true").start();
    assumeTrue(trial.waitFor() == 0, "no new user and pid namespaces can be made here");
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "-Urpf",
                "--mount-proc",
                "sh",
                "-c",
                "sh -c '" + LOOP + "' </dev/null >/dev/null & \"$@\" $!; wait",
                "sh"));
    command.addAll(DoomedTracer.command());
    Process namespace = startTracer(command);
    LiveBuffer live =
        inventory.list().buffers().stream()
            .filter(b -> b.pages() == PAGES && b.mappedBy().size() == 2 && b.pid() != pid)
            .filter(b -> namespace.descendants().anyMatch(p -> p.pid() == b.pid()))
            .findFirst()
            .orElseThrow();
    assertThat(live.owner()).isEqualTo(Owner.ALIVE);
    assertThatThrownBy(() -> inventory.reclaim(live.pid())).isInstanceOf(TargetException.class);
    assertThat(ProcFile.statusPages(live.pid(), "VmLck")).isEqualTo(PAGES);

    int tracer =
        live.mappedBy().stream().filter(each -> each != live.pid()).findFirst().orElseThrow();
    assertThat(live.ownerPid()).as("pid of the owner in its own namespace").isNotEqualTo(tracer);
    ProcessHandle.of(tracer).orElseThrow().destroyForcibly();
    while (!ProcFile.statusField(live.pid(), "TracerPid").orElse("").equals("0")) {
      Thread.onSpinWait();
    }
    assertThat(inventory.reclaim(live.pid())).hasSize(1);
    assertThat(ProcFile.statusPages(live.pid(), "VmLck")).isZero();
    assertThat(Grandchild.runs(live.pid())).isTrue();
  }

  @Test
  void thereMustBeSuchAProcess() {
    int gone = Grandchild.start("true");
    Grandchild.kill(gone);
    while (ProcFile.statusField(gone, "State").isPresent()) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(() -> inventory.reclaim(gone))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no such process");
  }

  @Test
  void anotherUsersProcessIsHidden() {
    assumeTrue(!ProcFile.statusField(pid, "Uid").orElse("").startsWith("0\t"), "root sees all");
    assertThat(inventory.list().hiddenProcesses()).isPositive();
    assertThatThrownBy(() -> inventory.reclaim(1))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("run as root");
  }
}
