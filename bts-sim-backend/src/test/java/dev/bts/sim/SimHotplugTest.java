package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.TracerPays;
import dev.bts.api.ExitStatus;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A CPU goes offline under a tracee: nothing is lost, and the stream says where it went. */
class SimHotplugTest {
  private static final long PAGE = 4096;
  private static final int BRANCHES = 2000;

  private final Machine machine = new Machine();
  private final RecordingSink recorded = new RecordingSink();

  /** Takes the tracee's CPU away when the first records come. */
  private final class Unplugging implements TraceSink {
    private boolean done;

    @Override
    public void branches(BranchCursor cursor) {
      recorded.branches(cursor);
      if (!done) {
        done = true;
        try {
          int cpu = recorded.events(SideEvent.Arrived.class).get(0).cpu();
          machine.setOnline(cpu, false);
        } catch (SystemCallException e) {
          throw new AssertionError(e);
        }
      }
    }

    @Override
    public void event(SideEvent event) {
      recorded.event(event);
    }
  }

  @Test
  void theTraceeGoesOnElsewhereAndDepartsFromWhereItWas() throws InterruptedException {
    Task shell = machine.boot(Credentials.user(1000), ResourceLimits.STANDARD);
    SimTracer tracer = new SimTracer(machine, new JournaledLedger(), shell);
    List<String> command = List.of("synthetic", "--branches", Integer.toString(BRANCHES));
    TraceRequest request =
        TraceRequest.command(command)
            .buffer(PAGE, Overflow.DRAIN)
            .policy(new TracerPays())
            .recordScheduling(true)
            .sink(new Unplugging())
            .build();
    try (TraceSession session = tracer.open(request)) {
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(0, 0));
    }
    assertThat(recorded.branches()).hasSize(BRANCHES);
    List<SideEvent.Arrived> arrivals = recorded.events(SideEvent.Arrived.class);
    List<SideEvent.Departed> departures = recorded.events(SideEvent.Departed.class);
    assertThat(arrivals).hasSameSizeAs(departures);
    for (int i = 0; i < arrivals.size(); i++) {
      assertThat(departures.get(i).cpu()).isEqualTo(arrivals.get(i).cpu());
    }
    int last = arrivals.get(arrivals.size() - 1).cpu();
    assertThat(last).isNotEqualTo(arrivals.get(0).cpu());
  }
}
