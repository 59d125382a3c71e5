package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.api.BufferSpec;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.record.SideEvent;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Mapping;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.program.SyntheticProgram;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Buffers that a dead tracer has left in the process that pays for them, on the modelled machine.
 */
class SimOrphanTest {
  private static final long DEAD_PAGES = 5;
  private static final Credentials USER = Credentials.user(1000);

  private final Machine machine = new Machine();
  private final Task first = machine.boot(USER, ResourceLimits.STANDARD);
  private final Task target =
      machine.spawn(
          machine.boot(USER, ResourceLimits.STANDARD),
          SyntheticProgram.of(List.of("synthetic", "--endless")));
  private final TraceSession abandoned =
      new SimTracer(machine, new JournaledLedger(), first)
          .open(request("tracee", DEAD_PAGES, target).build());

  private static TraceRequest.Builder request(String policy, long pages, Task target) {
    return TraceRequest.process(target.tid())
        .policy(Policies.named(policy))
        .buffer(pages * BufferSpec.PAGE_BYTES, Overflow.WRAP);
  }

  private static void branch(TraceSession session) {
    long goal = session.status().branches() + 10;
    session.start();
    while (session.status().branches() < goal) {
      Thread.onSpinWait();
    }
    session.pause();
  }

  @ParameterizedTest
  @CsvSource({"tracee,5", "tracee,3", "tracee,11", "tracer,5", "user,5", "perf,5", "cgroup,3"})
  void whoAttachesAfterADeathAdoptsWhatIsLeftAndChargesEndWhereTheyBegan(
      String policy, long pages) {
    branch(abandoned);
    machine.exit(first);
    JournaledLedger books = new JournaledLedger();
    Task second = machine.boot(USER, ResourceLimits.STANDARD);
    RecordingSink told = new RecordingSink();
    try (TraceSession session =
        new SimTracer(machine, books, second)
            .open(request(policy, pages, target).sink(told).build())) {
      branch(session);
      boolean traceePays = policy.equals("tracee");
      assertThat(session.receipts()).hasSize(traceePays && pages == DEAD_PAGES ? 1 : 2);
      assertThat(books.liveReceipts()).hasSize(1);
      assertThat(target.mm().lockedPages()).isEqualTo(traceePays ? pages : 0);
      assertThat(second.mm().lockedPages()).isEqualTo(policy.equals("tracer") ? pages : 0);
    }
    assertThat(told.events(SideEvent.Adopted.class))
        .extracting(event -> event.receipt().pages())
        .containsExactly(DEAD_PAGES);
    assertThat(told.events(SideEvent.AccountingDrift.class)).isEmpty();
    assertThat(books.liveReceipts()).isEmpty();
    assertThat(target.mm().lockedPages() + second.mm().lockedPages()).isZero();
    assertThat(machine.memory().user(USER.principal()).memlockPages()).isZero();
    assertThat(machine.memory().user(USER.principal()).perfPages()).isZero();
    assertThat(machine.memory().group(second.group().memoryGroup()).pages()).isZero();
    // Closed last: what it believes in was the dead tracer's.
    abandoned.close();
  }

  @Test
  void whatTheTraceeHasUnlockedIsAdoptedAsItIsAndReplaced() {
    machine.exit(first);
    Mapping buffer =
        target.mm().mappings().stream().filter(Mapping::locked).findFirst().orElseThrow();
    machine.memory().unlock(buffer);
    Task second = machine.boot(USER, ResourceLimits.STANDARD);
    try (TraceSession session =
        new SimTracer(machine, new JournaledLedger(), second)
            .open(request("tracee", DEAD_PAGES, target).build())) {
      assertThat(session.receipts()).hasSize(2);
      assertThat(buffer.mapped()).isFalse();
      assertThat(target.mm().lockedPages()).isEqualTo(DEAD_PAGES);
    }
    assertThat(target.mm().lockedPages()).isZero();
    abandoned.close();
  }
}
