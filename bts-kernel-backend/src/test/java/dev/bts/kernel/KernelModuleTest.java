package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import dev.bts.accounting.AccountingModule;
import dev.bts.api.BranchTracer;
import dev.bts.api.BranchTracers;
import dev.bts.api.ExitStatus;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The backend is found by ServiceLoader, and wired by Guice for those who use it. */
class KernelModuleTest {
  @Test
  void serviceLoaderFindsTheBackend() {
    assertThat(BranchTracers.named("kernel")).isInstanceOf(KernelTracer.class);
  }

  @Test
  void guiceWiresTracerLedgerAndPolicies() throws InterruptedException {
    Injector injector = Guice.createInjector(new AccountingModule(), new KernelModule());
    Set<BranchTracer> tracers = injector.getInstance(new Key<Set<BranchTracer>>() {});
    assertThat(tracers).singleElement().isInstanceOf(KernelTracer.class);
    Map<String, ChargingPolicy> policies =
        injector.getInstance(Key.get(new TypeLiteral<Map<String, ChargingPolicy>>() {}));
    Ledger ledger = injector.getInstance(Ledger.class);
    TraceRequest request =
        TraceRequest.command(TraceePrograms.compile("asm_short").toString())
            .policy(Objects.requireNonNull(policies.get("tracer")))
            .buffer(1 << 16, Overflow.WRAP)
            .build();
    try (TraceSession session = tracers.iterator().next().open(request)) {
      assertThat(ledger.liveReceipts()).isEqualTo(session.receipts()).hasSize(1);
      session.start();
      assertThat(session.await()).isEqualTo(new ExitStatus(3, 0));
    }
    assertThat(ledger.liveReceipts()).isEmpty();
  }
}
