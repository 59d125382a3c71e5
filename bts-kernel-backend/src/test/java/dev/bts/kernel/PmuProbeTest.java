package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.Mechanism;
import dev.bts.api.probe.ProbeReport.Finding;
import dev.bts.kernel.PmuProbe.Circumstances;
import dev.bts.kernel.sys.Errno;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PmuProbeTest {
  private static final Circumstances PLAIN = new Circumstances("4", false, false);

  private static Finding answer(long result, Circumstances circumstances) {
    return PmuProbe.finding(Mechanism.LBR, "trying", result, circumstances, "perf record -b");
  }

  @Test
  void everyAnswerOfTheKernelHasItsObstacleAndRemedy() {
    assertThat(answer(-Errno.ENOENT, PLAIN).obstacle()).isEqualTo("the processor has no such PMU");
    Finding virtual = answer(-Errno.EOPNOTSUPP, new Circumstances("2", true, false));
    assertThat(virtual.obstacle()).contains("hypervisor");
    assertThat(virtual.remedy()).contains("pmu=on");
    assertThat(answer(-Errno.EACCES, PLAIN).obstacle()).contains("perf_event_paranoid is 4");
    assertThat(answer(-Errno.EACCES, PLAIN).remedy()).contains("2 or lower");
    assertThat(answer(-Errno.EPERM, PLAIN).obstacle()).contains("security module");
    assertThat(answer(-Errno.EPERM, new Circumstances("2", false, true)).obstacle())
        .contains("seccomp");
    assertThat(answer(-Errno.EBUSY, PLAIN).obstacle()).contains("somebody else");
    assertThat(answer(-Errno.ENOSYS, PLAIN).remedy()).contains("CONFIG_PERF_EVENTS");
    assertThat(answer(-Errno.EINVAL, PLAIN).obstacle()).contains("refuses");
    assertThat(answer(-Errno.EINVAL, PLAIN).measured()).isEqualTo("trying: EINVAL");
  }

  @Test
  void whatOpensIsNotSaidToWork() {
    Finding opens = answer(5, PLAIN);
    assertThat(opens.works()).isFalse();
    assertThat(opens.measured()).isEqualTo("trying succeeds");
    assertThat(opens.remedy()).contains("perf record -b").contains("bts import");
  }

  /** The kernel lists a PMU for branches if, and only if, it may open an event of one. */
  @Test
  void onThisMachineTheKernelIsAsked() {
    Finding stacks = PmuProbe.branchStacks();
    assertThat(stacks.subject()).isEqualTo("lbr");
    assertThat(stacks.measured()).startsWith("opening an event of branches with branch stacks");
    if (!Files.exists(Path.of("/sys/bus/event_source/devices/cpu"))) {
      assertThat(stacks.measured()).doesNotContain("succeeds");
    }
    Finding store = PmuProbe.branchTraceStore();
    assertThat(store.subject()).isEqualTo("intel-bts");
    if (!Files.exists(Path.of("/sys/bus/event_source/devices/intel_bts"))) {
      assertThat(store.measured()).endsWith("ENOENT");
    }
    assertThat(store.remedy()).isNotEmpty();
  }
}
