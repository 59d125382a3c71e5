package dev.bts.kernel;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.TracerPays;
import dev.bts.api.BranchTracer;
import dev.bts.api.BufferInventory;
import dev.bts.api.Explanation;
import dev.bts.api.Mechanism;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.UnsupportedMechanismException;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.probe.ProbeReport;
import java.util.List;

/** The backend {@code kernel}: real processes, traced by the Linux that this runs on. */
public final class KernelTracer implements BranchTracer {
  /** The backend's name. */
  public static final String NAME = "kernel";

  /** How branches are seen where a request names no mechanism. */
  static final Mechanism DEFAULT_MECHANISM = Mechanism.SOFTWARE_BTS;

  private static final ChargingPolicy DEFAULT_POLICY = new TracerPays();

  private final Ledger ledger;

  /** Creates a backend with a ledger of its own. */
  public KernelTracer() {
    this(new JournaledLedger());
  }

  /** Creates a backend that writes its charges into a ledger. */
  public KernelTracer(Ledger ledger) {
    this.ledger = ledger;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ProbeReport probe() {
    return Probe.report();
  }

  @Override
  public Prospect prospect(PlanRequest request) {
    return KernelProspect.of(request);
  }

  @Override
  public BufferInventory inventory() {
    return new KernelInventory();
  }

  @Override
  public TraceSession open(TraceRequest request) {
    Mechanism mechanism = choose(request.mechanisms());
    ChargingPolicy policy = request.policy().orElse(DEFAULT_POLICY);
    PossiblePair.require(mechanism, policy);
    return KernelSession.open(request, mechanism, policy, ledger);
  }

  /** Returns the first acceptable mechanism that works, the default where none is named. */
  private static Mechanism choose(List<Mechanism> acceptable) {
    if (acceptable.isEmpty()) {
      return DEFAULT_MECHANISM;
    }
    for (Mechanism mechanism : acceptable) {
      if (Probe.offers(mechanism)) {
        return mechanism;
      }
    }
    throw new UnsupportedMechanismException(notOffered(acceptable));
  }

  /** Returns why none of some mechanisms is used. */
  static Explanation notOffered(List<Mechanism> acceptable) {
    return new Explanation(
        "trace by " + acceptable,
        "the kernel backend offers none of them on this machine",
        "use --mechanism single-step, or see 'bts probe'");
  }
}
