package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.BufferInventory;
import dev.bts.api.LiveBuffer;
import dev.bts.api.LiveBuffer.Owner;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.Grandchild;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An orphan in a process whose first thread has exited: /proc/PID shows neither its memory nor its
 * descriptors any more.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LeaderlessOrphanTest {
  private final BufferInventory inventory = new KernelTracer().inventory();
  private int pid;

  @BeforeEach
  void startTarget() {
    pid = Grandchild.start(TraceePrograms.compile("leader_exit").toString(), "until killed");
    while (!ProcFile.statusField(pid, "State").orElse("").startsWith("Z")) {
      assertThat(new File("/proc/" + pid)).exists();
    }
  }

  @AfterEach
  void endTarget() {
    Grandchild.kill(pid);
    while (new File("/proc/" + pid).exists()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void isListedAndReclaimed() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(DoomedTracer.command());
    command.add(Integer.toString(pid));
    Process tracer =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      assertThat(tracer.inputReader().readLine()).isEqualTo("tracing");
      assertThat(theBuffer().owner()).isEqualTo(Owner.ALIVE);
      assertThat(theBuffer().mappedBy())
          .containsExactlyInAnyOrder(pid, Math.toIntExact(tracer.pid()));
    } finally {
      tracer.destroyForcibly().waitFor();
    }
    while (!ProcFile.sharedField(pid, "TracerPid").orElse("").equals("0")) {
      Thread.onSpinWait();
    }
    LiveBuffer orphan = theBuffer();
    assertThat(orphan.owner()).as(orphan.ownerReason()).isEqualTo(Owner.DEAD);
    assertThat(orphan.lockedPages()).hasValue(DoomedTracer.PAGES);

    List<BufferInventory.Reclaimed> reclaimed = inventory.reclaim(pid);

    assertThat(reclaimed).hasSize(1);
    assertThat(reclaimed.get(0).lockedBefore()).isEqualTo(DoomedTracer.PAGES);
    assertThat(reclaimed.get(0).lockedAfter()).isZero();
    assertThat(ProcFile.sharedPages(pid, "VmLck")).isZero();
    assertThat(ProcFile.lines(ProcFile.shared(pid, "maps")))
        .isNotEmpty()
        .noneMatch(line -> line.contains("bts:"));
    assertThat(ProcFile.sharedField(pid, "TracerPid")).hasValue("0");
  }

  private LiveBuffer theBuffer() {
    return inventory.list().buffers().stream()
        .filter(buffer -> buffer.mappedBy().contains(pid))
        .findFirst()
        .orElseThrow();
  }
}
