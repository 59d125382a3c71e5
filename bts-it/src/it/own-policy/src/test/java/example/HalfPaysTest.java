package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import dev.bts.accounting.AccountingModule;
import dev.bts.accounting.Policies;
import dev.bts.api.BranchTracer;
import dev.bts.api.BranchTracers;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.KernelModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The policy of this project decides who pays for a trace. */
class HalfPaysTest {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final long BUFFER_PAGES = 16;

  /** Counts branches and keeps receipts and drifts. */
  private static final class Counts implements TraceSink {
    private long branches;
    private final List<Receipt> charged = new ArrayList<>();
    private final List<Receipt> refunded = new ArrayList<>();
    private final List<SideEvent> drifts = new ArrayList<>();

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        branches++;
      }
    }

    @Override
    public void event(SideEvent event) {
      if (event instanceof SideEvent.Charged paid) {
        charged.add(paid.receipt());
      } else if (event instanceof SideEvent.Refunded back) {
        refunded.add(back.receipt());
      } else if (event instanceof SideEvent.AccountingDrift) {
        drifts.add(event);
      }
    }
  }

  private static TraceRequest.Builder request(ChargingPolicy policy) {
    return TraceRequest.command("/bin/true").buffer(BUFFER_BYTES, Overflow.DRAIN).policy(policy);
  }

  private static void assertPays(BranchTracer tracer, ChargingPolicy policy)
      throws InterruptedException {
    Counts counts = new Counts();
    List<Receipt> receipts;
    try (TraceSession session = tracer.open(request(policy).sink(counts).build())) {
      session.start();
      assertEquals(0, session.await().code());
      receipts = session.receipts();
    }
    assertTrue(counts.branches > 1000, counts.branches + " branches");
    // Translated code is paid for by the same policy, in pieces.
    receipts.forEach(receipt -> assertEquals("half", receipt.policy()));
    List<Receipt> ofBuffers = receipts.stream().filter(r -> !r.isForTranslatedCode()).toList();
    assertEquals(1, ofBuffers.size());
    Receipt receipt = ofBuffers.get(0);
    assertEquals(BUFFER_PAGES, receipt.pages());
    assertEquals(
        Set.of(Account.Kind.TOTAL_VM, Account.Kind.LOCKED_VM),
        receipt.charges().stream().map(c -> c.account().kind()).collect(Collectors.toSet()));
    for (Charge charge : receipt.charges()) {
      assertEquals(BUFFER_PAGES, charge.pages());
      assertEquals("pid " + ProcessHandle.current().pid(), charge.account().owner().toString());
    }
    assertEquals(receipts.size(), counts.charged.size());
    assertEquals(receipts.size(), counts.refunded.size());
    assertEquals(Set.copyOf(receipts), Set.copyOf(counts.charged));
    assertEquals(Set.copyOf(receipts), Set.copyOf(counts.refunded));
    assertEquals(List.of(), counts.drifts);
  }

  @Test
  void asAnObject() throws InterruptedException {
    assertPays(BranchTracers.named("kernel"), new HalfPays());
  }

  @Test
  void byServiceLoader() {
    assertTrue(Policies.named("half") instanceof HalfPays);
  }

  @Test
  void byGuice() throws InterruptedException {
    Injector injector =
        Guice.createInjector(
            new AccountingModule(),
            new KernelModule(),
            new AbstractModule() {
              @Override
              protected void configure() {
                AccountingModule.policies(binder()).addBinding("half").to(HalfPays.class);
              }
            });
    Map<String, ChargingPolicy> policies =
        injector.getInstance(Key.get(new TypeLiteral<Map<String, ChargingPolicy>>() {}));
    Set<BranchTracer> tracers =
        injector.getInstance(Key.get(new TypeLiteral<Set<BranchTracer>>() {}));
    assertTrue(policies.keySet().containsAll(Set.of("half", "tracer", "tracee", "user")));
    assertPays(tracers.iterator().next(), policies.get("half"));
    Ledger ledger = injector.getInstance(Ledger.class);
    assertEquals(List.of(), ledger.liveReceipts());
    Map<Ledger.Movement, Long> movements =
        ledger.journal().stream()
            .collect(
                Collectors.groupingBy(Ledger.JournalEntry::movement, Collectors.counting()));
    assertEquals(
        Set.of(Ledger.Movement.RESERVED, Ledger.Movement.COMMITTED, Ledger.Movement.REFUNDED),
        movements.keySet());
    assertEquals(1, Set.copyOf(movements.values()).size(), "each once per receipt: " + movements);
  }

  @Test
  void whatIsNotInItsHalfIsRefused() {
    TraceRequest all = request(new HalfPays()).buffer(1 << 30, Overflow.WRAP).build();
    ChargeRefusedException refused;
    try (TraceSession session = BranchTracers.named("kernel").open(all)) {
      assumeTrue(session.receipts().isEmpty(), "RLIMIT_MEMLOCK is 2 GiB or more here");
      throw new AssertionError("a session without a receipt");
    } catch (ChargeRefusedException expected) {
      refused = expected;
    }
    assertEquals("half", refused.refusal().policy());
    assertTrue(refused.getMessage().contains("lower --buffer"), refused.getMessage());
  }
}
