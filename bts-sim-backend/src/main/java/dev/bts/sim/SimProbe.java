package dev.bts.sim;

import dev.bts.accounting.Policies;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.probe.ProbeReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures the simulated backend on a machine made for the purpose. */
final class SimProbe {
  private static final long BRANCHES = 1000;

  /** Room for all of them. */
  private static final long BUFFER_BYTES = 64 << 10;

  private SimProbe() {}

  static ProbeReport measure() {
    List<ProbeReport.Finding> payers = new ArrayList<>();
    for (ChargingPolicy policy : Policies.builtIn()) {
      payers.add(payer(policy));
    }
    Map<String, String> machine = new LinkedHashMap<>();
    SimTracer tracer = new SimTracer();
    machine.put("machine", "simulated, " + tracer.tracer().credentials().principal());
    machine.put("limits", tracer.tracer().group().limits().toString());
    return new ProbeReport(machine, List.of(mechanism()), payers);
  }

  private static TraceRequest.Builder request() {
    return TraceRequest.command("synthetic", "--branches", Long.toString(BRANCHES))
        .buffer(BUFFER_BYTES, Overflow.STOP);
  }

  private static ProbeReport.Finding mechanism() {
    try (TraceSession session = new SimTracer().open(request().build())) {
      session.start();
      session.await();
      long seen = session.size();
      return new ProbeReport.Finding(
          Mechanism.SIMULATED.label(),
          seen == BRANCHES,
          seen + " records of a program with " + BRANCHES + " taken branches",
          seen == BRANCHES ? "" : "records are missing or too many",
          "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ProbeReport.Finding(
          Mechanism.SIMULATED.label(), false, "", "the probe was interrupted", "probe again");
    }
  }

  private static ProbeReport.Finding payer(ChargingPolicy policy) {
    SimTracer tracer = new SimTracer();
    try (TraceSession session = tracer.open(request().policy(policy).build())) {
      MachineView view = new MachineView(tracer.machine(), true);
      List<Charge> charges = session.receipts().get(0).charges();
      List<Long> with = charges.stream().map(c -> view.usedPages(c.account())).toList();
      session.resize(0);
      StringBuilder measured = new StringBuilder();
      boolean exact = true;
      for (int i = 0; i < charges.size(); i++) {
        Charge charge = charges.get(i);
        long moved = with.get(i) - view.usedPages(charge.account());
        exact &= moved == charge.pages();
        measured.append(i == 0 ? "" : ", ").append(charge.account()).append(" +").append(moved);
      }
      return new ProbeReport.Finding(
          policy.name(),
          exact,
          measured.toString(),
          exact ? "" : "the counters did not move as the receipt says",
          "");
    } catch (ChargeRefusedException e) {
      return new ProbeReport.Finding(
          policy.name(), false, "", e.explanation().obstacle(), e.explanation().remedy());
    }
  }
}
