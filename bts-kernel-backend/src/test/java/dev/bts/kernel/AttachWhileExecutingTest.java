package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.Policies;
import dev.bts.api.BufferSpec;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.Grandchild;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that is attached to at any moment of its execve: its address space is another then. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AttachWhileExecutingTest {
  private static final int ROUNDS = 100;
  private static final int BRANCHES = 700;

  @Test
  void aProcessThatExecutesItselfAllTheTimeIsTracedAndGoesOn() {
    int pid = Grandchild.start(TraceePrograms.compile("asm_reexec").toString());
    try {
      for (int i = 0; i < ROUNDS; i++) {
        RecordingSink sink = new RecordingSink();
        TraceRequest request =
            TraceRequest.process(pid)
                .mechanisms(Mechanism.SINGLE_STEP)
                .policy(Policies.named("tracee"))
                .buffer(2 * BufferSpec.PAGE_BYTES, Overflow.DRAIN)
                .sink(sink)
                .build();
        try (TraceSession session = new KernelTracer().open(request)) {
          Stage.runForBranches(session, BRANCHES);
        }
        assertThat(sink.events(SideEvent.ProcessStarted.class)).as("round %d", i).hasSize(1);
        assertThat(sink.events(SideEvent.Exec.class)).as("round %d", i).isNotEmpty();
        assertThat(sink.events(SideEvent.AccountingDrift.class)).as("round %d", i).isEmpty();
        assertThat(ProcFile.statusField(pid, "TracerPid")).hasValue("0");
      }
      assertThat(Grandchild.runs(pid)).isTrue();
    } finally {
      Grandchild.kill(pid);
    }
  }
}
