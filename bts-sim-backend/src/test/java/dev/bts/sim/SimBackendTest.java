package dev.bts.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import dev.bts.accounting.AccountingModule;
import dev.bts.api.BranchTracer;
import dev.bts.api.BranchTracers;
import dev.bts.api.Mechanism;
import dev.bts.api.charging.Ledger;
import dev.bts.api.probe.ProbeReport;
import dev.bts.sim.kernel.Machine;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How the backend is found, wired and probed. */
class SimBackendTest {
  @Test
  void isFoundByItsNameWithoutGuice() {
    assertThat(BranchTracers.named("sim")).isInstanceOf(SimTracer.class);
  }

  @Test
  void isBoundByItsNameWithTheOneMachineAndTheOneLedger() {
    Injector injector = Guice.createInjector(new AccountingModule(), new SimModule());
    Map<String, BranchTracer> tracers =
        injector.getInstance(Key.get(new TypeLiteral<Map<String, BranchTracer>>() {}));
    SimTracer tracer = injector.getInstance(SimTracer.class);
    assertThat(tracers).containsOnlyKeys("sim").containsValue(tracer);
    assertThat(tracer.machine()).isSameAs(injector.getInstance(Machine.class));
    assertThat(tracer.ledger()).isSameAs(injector.getInstance(Ledger.class));
  }

  @Test
  void theProbeMeasuresTheMechanismAndEveryPayer() {
    ProbeReport report = new SimTracer().probe();
    assertThat(report.mechanism(Mechanism.SIMULATED))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.works()).isTrue();
              assertThat(finding.measured()).startsWith("1000 records");
            });
    assertThat(report.payers())
        .extracting(ProbeReport.Finding::subject)
        .containsExactly("tracee", "tracer", "user", "perf", "cgroup");
    assertThat(report.payers())
        .allSatisfy(
            finding -> {
              assertThat(finding.works()).isTrue();
              assertThat(finding.measured()).contains("+16");
            });
    assertThat(report.machine()).isNotEmpty();
  }
}
