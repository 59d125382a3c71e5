package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.accounting.JournaledLedger;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.ExitStatus;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.memory.KernelAccounts;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import dev.bts.kernel.testing.Grandchild;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to tracers and tracees while a charge stands, on the real kernel. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SessionLifecycleTest {
  private static final int SIGKILL = Signals.SIGKILL;

  private static TraceSession openEndless(Stage stage, String policy, long pages) {
    return stage.open(
        Stage.program(policy, "asm_endless").buffer(pages * Stage.PAGE, Overflow.WRAP));
  }

  private static void kill(TraceSession session) {
    Sys.call(Sys.KILL, session.pid(), SIGKILL);
  }

  private static void assertNoDrift(Stage stage, TraceSession session) {
    session.drain(stage.sink);
    assertThat(stage.sink.events(SideEvent.AccountingDrift.class)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void growShrinkAndFreeMoveTheCountersByThePagesOfTheReceipts(String policy) {
    try (Stage stage = new Stage();
        TraceSession session = openEndless(stage, policy, 4)) {
      stage.auditor.check();
      for (int pages : new int[] {9, 2, 0, 5}) {
        session.resize(pages * Stage.PAGE);
        Stage.runForBranches(session, 10);
        assertThat(session.status().chargedPages()).isEqualTo(pages);
        stage.auditor.check();
      }
      assertNoDrift(stage, session);
      kill(session);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void aTraceeThatIsKilledFirstLeavesNothingCharged(String policy) throws InterruptedException {
    try (Stage stage = new Stage();
        TraceSession session = openEndless(stage, policy, 16)) {
      Stage.runForBranches(session, 10);
      kill(session);
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, SIGKILL));
      assertThat(session.status().chargedPages()).isZero();
      stage.auditor.checkNothingIsLeft();
      assertThat(session.size()).as("records outlive the payer").isPositive();
      assertNoDrift(stage, session);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void aTraceeThatIsKilledWhileItStandsDoesNotDisturbTheEnd(String policy) {
    try (Stage stage = new Stage();
        TraceSession session = openEndless(stage, policy, 16)) {
      Stage.runForBranches(session, 10);
      kill(session);
      session.detach();
      assertThat(session.status().chargedPages()).isZero();
      stage.auditor.checkNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void aLimitLoweredBelowUseTakesNothingAwayAndLetsNothingGrow(String policy) {
    try (Stage stage = new Stage();
        TraceSession session = openEndless(stage, policy, 8)) {
      int payer = policy.equals("tracee") ? session.pid() : stage.self.mm().pid();
      Stage.setMemlock(payer, 2 * Stage.PAGE);
      Stage.runForBranches(session, 10);
      for (int pages : new int[] {16, 8, 1}) {
        // A shrunk buffer is charged before the old one is refunded, too: all or nothing.
        assertThatThrownBy(() -> session.resize(pages * Stage.PAGE))
            .isInstanceOf(ChargeRefusedException.class)
            .hasMessageContaining("is 8 KiB, 32 in use");
      }
      assertThat(session.status().chargedPages()).isEqualTo(8);
      session.resize(0);
      session.resize(2 * Stage.PAGE);
      stage.auditor.check();
      assertThatThrownBy(() -> session.resize(3 * Stage.PAGE))
          .isInstanceOf(ChargeRefusedException.class);
      assertNoDrift(stage, session);
      kill(session);
    }
  }

  @Test
  void aTraceeThatLocksAllItMayIsNotChargedMoreAndKeepsWhatItHas() throws InterruptedException {
    try (Stage stage = new Stage(1 << 20);
        TraceSession session =
            stage.open(
                Stage.program("tracee", "lock_rest", "until killed")
                    .buffer(64 * Stage.PAGE, Overflow.WRAP))) {
      session.start();
      Stage.await(() -> Stage.lockedPages(session.pid()) == 256);
      session.pause();
      for (Charge charge : session.receipts().get(0).charges()) {
        if (charge.account().kind() == Account.Kind.LOCKED_VM) {
          stage.auditor.foreignUse(charge.account(), 256 - 64);
        }
      }
      stage.auditor.check();
      assertThatThrownBy(() -> session.resize(65 * Stage.PAGE))
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("is 1024 KiB, 1024 in use, 260 asked");
      assertThat(session.status().chargedPages()).isEqualTo(64);
      session.resize(0);
      assertThat(Stage.lockedPages(session.pid())).isEqualTo(256 - 64);
      session.resize(64 * Stage.PAGE);
      stage.auditor.check();
      assertNoDrift(stage, session);
      kill(session);
      session.start();
      // What it has locked itself is on its account until it is gone.
      session.await();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void anotherTracerWithAnotherSizeFindsEverythingWhereItBegan(String policy) {
    int pid = Grandchild.start(TraceePrograms.compile("asm_endless").toString());
    try (Stage stage = new Stage()) {
      long before = Stage.lockedPages(pid);
      for (int pages : new int[] {3, 11, 1}) {
        JournaledLedger books = new JournaledLedger();
        TraceRequest.Builder request =
            Stage.with(policy, TraceRequest.process(pid)).buffer(pages * Stage.PAGE, Overflow.WRAP);
        try (TraceSession session = new KernelTracer(books).open(request.build())) {
          Stage.runForBranches(session, 10);
          assertThat(session.status().chargedPages()).isEqualTo(pages);
          assertThat(Stage.lockedPages(pid) - before)
              .isEqualTo(policy.equals("tracee") ? pages : 0);
          assertNoDrift(stage, session);
        }
        assertThat(books.liveReceipts()).isEmpty();
        assertThat(Stage.lockedPages(pid)).isEqualTo(before);
        stage.auditor.checkNothingIsLeft();
      }
      assertThat(Grandchild.runs(pid)).isTrue();
    } finally {
      Grandchild.kill(pid);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void twoSessionsHoldNoMoreThanTheirPayersMay(String policy) {
    try (Stage stage = new Stage(64 << 10);
        TraceSession first = openEndless(stage, policy, 10)) {
      if (policy.equals("tracee")) {
        // Two payers, and each has its own limit.
        try (TraceSession second = openEndless(stage, policy, 16)) {
          stage.auditor.check();
          assertThatThrownBy(() -> second.resize(17 * Stage.PAGE))
              .isInstanceOf(ChargeRefusedException.class);
          kill(second);
        }
      } else {
        assertThatThrownBy(() -> openEndless(stage, policy, 7))
            .isInstanceOf(ChargeRefusedException.class)
            .hasMessageContaining("is 64 KiB, 40 in use, 28 asked: lower --buffer to 24K");
        try (TraceSession second = openEndless(stage, policy, 6)) {
          stage.auditor.check();
          assertThatThrownBy(() -> first.resize(Stage.PAGE))
              .isInstanceOf(ChargeRefusedException.class);
          kill(second);
        }
      }
      stage.auditor.check();
      kill(first);
    }
  }

  @Test
  void twoTracersOfOneUserShareItsPoolWhicheverProcessTheyAre() {
    Stage.assumeOwnPool();
    try (Stage stage = new Stage(64 << 10);
        HelperProcess other = HelperProcess.start()) {
      long id = other.call(Sys.SHMGET, SystemV.IPC_PRIVATE, 10 * Stage.PAGE, SystemV.OWNER_ONLY);
      long address = other.call(Sys.SHMAT, id);
      assertThat(other.call(Sys.SHMCTL, id, SystemV.IPC_RMID)).isZero();
      Account pool = Account.userMemlock(stage.self.principal());
      long before = new KernelAccounts(true).usedPages(pool);
      assertThat(other.call(Sys.SHMCTL, id, SystemV.SHM_LOCK)).isZero();
      stage.auditor.foreignUse(pool, before + 10);
      assertThatThrownBy(() -> openEndless(stage, "user", 7))
          .isInstanceOf(ChargeRefusedException.class);
      try (TraceSession session = openEndless(stage, "user", 6)) {
        stage.auditor.check();
        kill(session);
      }
      stage.auditor.check();
      assertThat(other.call(Sys.SHMDT, address)).isZero();
      stage.auditor.foreignUse(pool, before);
    }
  }

  @Test
  void aTraceeThatBecomesAnotherUserIsRefundedAndNotChargedAgainUnasked() {
    assumeTrue(Sys.call(Sys.GETUID, 0, 0) == 0, "only root can become another user");
    try (Stage stage = new Stage();
        TraceSession session =
            stage.open(
                Stage.program("tracee", "set_user", "until killed")
                    .buffer(4 * Stage.PAGE, Overflow.WRAP))) {
      session.start();
      Stage.await(() -> ProcFile.statusField(session.pid(), "Uid").orElse("").startsWith("65534"));
      assertThatThrownBy(() -> session.resize(8 * Stage.PAGE))
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("nobody else's limit is charged unasked");
      session.pause();
      stage.auditor.check();
      session.resize(0);
      assertThat(Stage.lockedPages(session.pid())).isZero();
      assertNoDrift(stage, session);
      kill(session);
    }
  }

  @Test
  void theKernelRefundsTheUserWhoLockedASegmentWhoeverLetsGoOfIt() {
    assumeTrue(Sys.call(Sys.GETUID, 0, 0) == 0, "only root can become another user");
    try (Stage stage = new Stage();
        HelperProcess other = HelperProcess.start()) {
      Account pool = Account.userMemlock(stage.self.principal());
      KernelAccounts accounts = new KernelAccounts(true);
      long before = accounts.usedPages(pool);
      long id = other.call(Sys.SHMGET, SystemV.IPC_PRIVATE, 10 * Stage.PAGE, SystemV.OWNER_ONLY);
      long address = other.call(Sys.SHMAT, id);
      assertThat(other.call(Sys.SHMCTL, id, SystemV.IPC_RMID)).isZero();
      assertThat(other.call(Sys.SHMCTL, id, SystemV.SHM_LOCK)).isZero();
      int setresuid = 117;
      assertThat(other.call(setresuid, 65534, 65534, 65534)).isZero();
      assertThat(accounts.usedPages(pool)).isEqualTo(before + 10);
      assertThat(other.call(Sys.SHMDT, address)).isZero();
      assertThat(accounts.usedPages(pool)).isEqualTo(before);
    }
  }

  @Test
  void anExecLeavesTheReceiptWithTheOldAddressSpace() throws InterruptedException {
    try (Stage stage = new Stage();
        TraceSession session =
            stage.open(
                Stage.program("tracee", "exec_self")
                    .buffer(2 * Stage.PAGE, Overflow.DRAIN)
                    .sink(stage.sink))) {
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
      assertThat(stage.sink.events(SideEvent.Exec.class)).hasSize(4);
      assertThat(session.receipts())
          .hasSize(5)
          .extracting(Receipt::charges)
          .doesNotHaveDuplicates();
      assertThat(stage.sink.events(SideEvent.Refunded.class))
          .extracting(SideEvent.Refunded::receipt)
          .containsExactlyElementsOf(session.receipts());
      assertThat(stage.sink.events(SideEvent.AccountingDrift.class)).isEmpty();
    }
  }

  @Test
  void aProcessWhoseFirstThreadHasExitedPaysAndIsRefunded() {
    try (Stage stage = new Stage()) {
      int pid;
      try (TraceSession session =
          stage.open(
              Stage.program("tracee", "leader_exit", "until killed")
                  .buffer(4 * Stage.PAGE, Overflow.WRAP))) {
        pid = session.pid();
        session.start();
        Stage.await(() -> ProcFile.statusField(pid, "State").orElse("").startsWith("Z"));
        session.pause();
        stage.auditor.check();
        session.resize(9 * Stage.PAGE);
        assertThat(Stage.lockedPages(pid)).isEqualTo(9);
        stage.auditor.check();
        session.resize(0);
        assertThat(Stage.lockedPages(pid)).isZero();
        session.resize(3 * Stage.PAGE);
        assertNoDrift(stage, session);
      }
      assertThat(Stage.lockedPages(pid)).as("after it was let go").isZero();
      Sys.call(Sys.KILL, pid, SIGKILL);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void threadsComeAndGoWithoutTouchingTheCharge(String policy) throws InterruptedException {
    for (String program : new String[] {"asm_threads", "threads"}) {
      try (Stage stage = new Stage();
          TraceSession session =
              stage.open(
                  Stage.program(policy, program)
                      .buffer(2 * Stage.PAGE, Overflow.DRAIN)
                      .sink(stage.sink))) {
        session.start();
        assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
        assertThat(session.receipts()).hasSize(1);
        assertThat(stage.sink.events(SideEvent.AccountingDrift.class)).isEmpty();
        assertThat(session.status().lost()).isZero();
      }
    }
  }
}
