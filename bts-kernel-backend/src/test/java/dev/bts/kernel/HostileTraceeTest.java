package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.bts.api.BufferInventory;
import dev.bts.api.ExitStatus;
import dev.bts.api.KernelException;
import dev.bts.api.LiveBuffer;
import dev.bts.api.Mechanism;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.Grandchild;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that mean harm to whoever traces them, or to others by way of it. See docs/security.md.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HostileTraceeTest {
  private static final long PAGES = 4;
  private static final ExitStatus SUCCESS = new ExitStatus(0, 0);

  private final BufferInventory inventory = new KernelTracer().inventory();

  private static void run(Stage stage, String how) throws InterruptedException {
    assertThat(endOf(stage, Mechanism.SINGLE_STEP, how)).isEqualTo(SUCCESS);
    assertThat(stage.sink.branches()).isNotEmpty();
  }

  private static ExitStatus endOf(Stage stage, Mechanism mechanism, String how)
      throws InterruptedException {
    TraceRequest.Builder request =
        Stage.program("tracee", "hostile", how)
            .mechanisms(mechanism)
            .buffer(PAGES * Stage.PAGE, Overflow.DRAIN)
            .onRefusal(OnRefusal.LOSE)
            .sink(stage.sink);
    try (TraceSession session = stage.open(request)) {
      session.start();
      return session.await();
    }
  }

  private static List<SideEvent.AccountingDrift> drifts(Stage stage) {
    return stage.sink.events(SideEvent.AccountingDrift.class);
  }

  @Test
  void whoScribblesOverItsBufferSpoilsItsOwnRecordsOnly() throws InterruptedException {
    try (Stage stage = new Stage()) {
      run(stage, "scribble");
      assertThat(drifts(stage)).isEmpty();
    }
  }

  @Test
  void whoScribblesOverWhatItsTranslationUsesHarmsItselfOnly() throws InterruptedException {
    try (Stage stage = new Stage()) {
      // It may jump anywhere after that, so there is no saying how it ends.
      Throwable failure = catchThrowable(() -> endOf(stage, Mechanism.SOFTWARE_BTS, "scribble"));
      if (failure != null) {
        assertThat(failure)
            .isInstanceOf(TargetException.class)
            .hasMessageContaining("the program has overwritten what bts keeps in it");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"replace", "split"})
  void whoTakesItsBufferAwayIsNoticedAndKeepsWhatItPutThere(String how)
      throws InterruptedException {
    try (Stage stage = new Stage()) {
      // What the program has in the buffer's place it looks at itself.
      run(stage, how);
      assertThat(drifts(stage))
          .isNotEmpty()
          .allMatch(drift -> Math.abs(drift.kernelPages()) < Math.abs(drift.predictedPages()));
    }
  }

  @Test
  void whoMovesItsBufferMovesNoCharge() throws InterruptedException {
    try (Stage stage = new Stage()) {
      run(stage, "move");
      assertThat(drifts(stage)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"cut", "trace"})
  void whatAProgramTriesInVainChangesNothing(String how) throws InterruptedException {
    try (Stage stage = new Stage()) {
      run(stage, how);
      assertThat(drifts(stage)).isEmpty();
      assertThat(stage.sink.lost()).isZero();
    }
  }

  @Test
  void whoHidesItsMemoryIsTracedByRootAndElseLetGoWithAnExplanation() throws InterruptedException {
    boolean root =
        ProcFile.statusField((int) ProcessHandle.current().pid(), "Uid")
            .orElse("")
            .startsWith("0\t");
    try (Stage stage = new Stage()) {
      if (root) {
        run(stage, "hide");
        assertThat(drifts(stage)).isEmpty();
      } else {
        // What is locked in it stays there and is charged to it, until it ends.
        assertThatThrownBy(() -> endOf(stage, Mechanism.SINGLE_STEP, "hide"))
            .isInstanceOf(KernelException.class)
            .hasMessageContaining("hides its memory from ordinary users: trace it as root");
      }
    }
  }

  @Test
  void manyForksCostNoMoreThanTheLimitsAllow() throws InterruptedException {
    try (Stage stage = new Stage()) {
      run(stage, "fork");
      assertThat(stage.sink.events(SideEvent.ProcessStarted.class)).hasSize(1 + 4 + 16 + 64);
      assertThat(drifts(stage)).isEmpty();
    }
  }

  @Test
  void aForgedBufferIsTheForgersOwnLossAndNobodyElses() {
    int victim = Grandchild.start("sleep", "1000");
    try (QuietTarget forger = new QuietTarget("forged_orphan", "dead", "" + victim)) {
      LiveBuffer forged = bufferOf(forger);
      assertThat(forged.owner()).isEqualTo(LiveBuffer.Owner.DEAD);
      assertThat(forged.mappedBy()).containsExactly(forger.pid());
      assertThat(forged.ownerPid()).as("a claim").isEqualTo(victim);
      assertThat(inventory.reclaim(victim)).isEmpty();
      assertThat(Grandchild.runs(victim)).isTrue();
      assertThat(inventory.reclaim(forger.pid())).hasSize(1);
      assertThat(Grandchild.runs(victim)).isTrue();
      assertThat(forger.finish()).isEqualTo(7);
    } finally {
      Grandchild.kill(victim);
    }
  }

  @Test
  void aProcessThatWasHandedAForgedBufferKeepsIt() {
    try (QuietTarget victim = new QuietTarget("forged_orphan", "handed")) {
      List<String> before = victim.traces();
      assertThatThrownBy(() -> inventory.reclaim(victim.pid()))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("has it not mapped as bts maps buffers");
      assertThat(victim.traces()).isEqualTo(before);
      assertThat(victim.finish()).isEqualTo(7);
    }
  }

  @Test
  void whatAProcessCallsItselfAndItsFilesIsNoOtherLineOfProc() {
    try (QuietTarget target = new QuietTarget("odd_names")) {
      assertThat(ProcFile.statusField(target.pid(), "Uid").orElseThrow()).doesNotContain("4321");
      assertThat(ProcFile.lines("/proc/" + target.pid() + "/maps"))
          .noneMatch(line -> line.startsWith("7f0000000000-"));
      assertThat(inventory.list().buffers())
          .noneMatch(buffer -> buffer.mappedBy().contains(target.pid()));
      assertThat(target.finish()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alive", "garbage"})
  void aForgedBufferThatIsNoOrphanIsLeftAlone(String claim) {
    try (QuietTarget forger =
        new QuietTarget("forged_orphan", claim, "" + ProcessHandle.current().pid())) {
      List<String> before = forger.traces();
      assertThat(bufferOf(forger).owner()).isNotEqualTo(LiveBuffer.Owner.DEAD);
      assertThatThrownBy(() -> inventory.reclaim(forger.pid())).isInstanceOf(TargetException.class);
      assertThat(forger.traces()).isEqualTo(before);
      assertThat(forger.finish()).isEqualTo(7);
    }
  }

  private LiveBuffer bufferOf(QuietTarget target) {
    return inventory.list().buffers().stream()
        .filter(buffer -> buffer.mappedBy().contains(target.pid()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whoIsAttachedToWithAForgedBufferPaysForItsOwn() {
    try (Stage stage = new Stage();
        QuietTarget forger = new QuietTarget("forged_orphan", "dead")) {
      TraceRequest.Builder request =
          Stage.with("tracee", TraceRequest.process(forger.pid()))
              .buffer(PAGES * Stage.PAGE, Overflow.DRAIN)
              .sink(stage.sink);
      try (TraceSession session = stage.open(request)) {
        session.start();
        forger.poke();
        Stage.await(() -> session.status().branches() > 0);
      }
      assertThat(drifts(stage)).isEmpty();
      assertThat(forger.traces()).contains("VmLck\t0 kB").noneMatch(line -> line.contains("bts:"));
      assertThat(forger.finish()).isEqualTo(7);
    }
  }
}
