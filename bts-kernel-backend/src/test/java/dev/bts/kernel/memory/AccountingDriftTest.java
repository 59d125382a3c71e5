package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.bts.api.Target;
import dev.bts.api.charging.Account;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.helper.CommandLauncher;
import dev.bts.kernel.helper.PreparedExec;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a charge when a tracee does as it likes with the buffer that it pays for. */
@Timeout(120)
class AccountingDriftTest {
  private static final int PAGE_BYTES = 4096;

  @Test
  void theTraceeSeesWhatTheTracerWrites() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracee", 3);
      memory.bytes().putLong(2 * PAGE_BYTES - BufferHeader.SIZE_BYTES, 0x1122334455667788L);
      MapsEntry there = mapping(scene.helper.pid(), "/memfd:bts:tracee (deleted)");
      // The helper writes from its mapping into a file of its own, which this process reads.
      long memfd = scene.calls.call(Sys.MEMFD_CREATE, scene.calls.scratch(), 0, 0, 0, 0, 0);
      assertThat(
              scene.calls.call(
                  Sys.PWRITE64, memfd, there.start() + 2 * PAGE_BYTES, Long.BYTES, 0, 0, 0))
          .isEqualTo(Long.BYTES);
      assertThat(new File("/proc/" + scene.helper.pid() + "/fd/" + memfd))
          .hasBinaryContent(new byte[] {(byte) 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11});
      scene.calls.call(Sys.CLOSE, memfd, 0, 0, 0, 0, 0);
      memory.release();
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void aForkedChildWouldNotShareTheBuffer() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracee", 3);
      List<String> flags = new ArrayList<>();
      boolean inside = false;
      for (String line : ProcFile.lines("/proc/" + scene.helper.pid() + "/smaps")) {
        inside = line.contains("bts:tracee") || (inside && !line.matches("[0-9a-f]+-.*"));
        if (inside && line.startsWith("VmFlags:")) {
          flags.add(line + " ");
        }
      }
      assertThat(flags).hasSize(1).allMatch(line -> line.contains(" dc ") && line.contains(" lo "));
      memory.release();
    }
  }

  @Test
  void tellsWhenTheTraceeUnlocksItsBuffer() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracee", 16);
      MapsEntry there = mapping(scene.helper.pid(), "/memfd:bts:tracee (deleted)");
      assertThat(scene.calls.call(Sys.MUNLOCK, there.start(), 16 * PAGE_BYTES, 0, 0, 0, 0))
          .isZero();
      memory.verify();
      assertDrift(scene, scene.locked("tracee"), 16, 0);
      scene.drifts.clear();
      memory.release();
      assertDrift(scene, scene.locked("tracee"), -16, 0);
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void leavesAloneWhatTheTraceeHasPutInThePlaceOfItsBuffer() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracee", 16);
      MapsEntry there = mapping(scene.helper.pid(), "/memfd:bts:tracee (deleted)");
      int fixedPrivateAnonymous = 0x32;
      assertThat(
              scene.calls.call(
                  Sys.MMAP,
                  there.start() + 4 * PAGE_BYTES,
                  4 * PAGE_BYTES,
                  1,
                  fixedPrivateAnonymous,
                  -1,
                  0))
          .isEqualTo(there.start() + 4 * PAGE_BYTES);
      memory.verify();
      assertDrift(scene, Account.totalVm(scene.tracee.mm()), 16, 12);
      memory.release();
      assertThat(MapsEntry.of(scene.helper.pid()))
          .noneMatch(entry -> entry.name().contains("bts:"))
          .anyMatch(
              entry ->
                  entry.start() <= there.start() + 4 * PAGE_BYTES
                      && entry.end() >= there.start() + 8 * PAGE_BYTES);
    }
  }

  @Test
  void tellsWhenTheUsersSegmentIsUnlocked() {
    try (Scene scene = new Scene()) {
      long before = scene.used("user");
      ChargedMemory memory = scene.open("user", 16);
      int segment = (int) userSegment().inode();
      int shmUnlock = 12;
      assertThat(Sys.call(Sys.SHMCTL, segment, shmUnlock)).isZero();
      memory.verify();
      assertDrift(scene, scene.locked("user"), 16, 0);
      scene.drifts.clear();
      memory.release();
      assertDrift(scene, scene.locked("user"), -16, 0);
      assertThat(scene.used("user")).isEqualTo(before);
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void aTraceeThatDiesHasPaidAndIsOwedNothing() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracee", 16);
      scene.helper.close();
      memory.payerIsGone();
      memory.payerIsGone();
      memory.release();
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void aTraceeThatExecutesAnotherProgramIsLeftAlone() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracee", 16);
      PreparedExec sleep =
          CommandLauncher.prepare(
              scene.helper, new Target.Command(List.of("sleep", "1000"), null, null, true));
      int pid = scene.helper.pid();
      sleep.go();
      try (NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
        memory.payerIsGone();
        assertThat(scene.drifts).isEmpty();
        assertThat(scene.ledger.liveReceipts()).isEmpty();
        assertThat(MapsEntry.of((int) ProcessHandle.current().pid()))
            .noneMatch(entry -> entry.name().contains("bts:"));
        assertThat(Sys.call(Sys.KILL, pid, Signals.SIGKILL)).isZero();
        assertThat(Sys.call(Sys.WAIT4, pid, status.address(), Ptrace.WALL, 0)).isEqualTo(pid);
        assertThat(Ptrace.killSignal(status.bytes().getInt(0))).isEqualTo(Signals.SIGKILL);
      }
    }
  }

  private static void assertDrift(Scene scene, Account account, long predicted, long kernel) {
    assertThat(scene.drifts)
        .extracting(
            SideEvent.AccountingDrift::account,
            SideEvent.AccountingDrift::predictedPages,
            SideEvent.AccountingDrift::kernelPages)
        .contains(tuple(account.toString(), predicted, kernel));
  }

  private static MapsEntry userSegment() {
    return MapsEntry.of((int) ProcessHandle.current().pid()).stream()
        .filter(entry -> entry.name().startsWith("/SYSV627473"))
        .findFirst()
        .orElseThrow();
  }

  private static MapsEntry mapping(int pid, String name) {
    return MapsEntry.of(pid).stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
