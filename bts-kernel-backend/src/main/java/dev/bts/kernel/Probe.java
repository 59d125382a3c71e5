package dev.bts.kernel;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.Policies;
import dev.bts.api.BtsException;
import dev.bts.api.Explanation;
import dev.bts.api.Mechanism;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.probe.ProbeReport;
import dev.bts.api.probe.ProbeReport.Finding;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.memory.ChargedMemory;
import dev.bts.kernel.memory.HelperCalls;
import dev.bts.kernel.memory.KernelPlaces;
import dev.bts.kernel.memory.KernelTasks;
import dev.bts.kernel.ptrace.StepProbe;
import dev.bts.kernel.sys.ProcFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The measurement of what works on this machine: everything is tried, nothing inferred. */
final class Probe {
  private Probe() {}

  /** Returns whether the backend has this mechanism and this machine was seen to support it. */
  static boolean offers(Mechanism mechanism) {
    return switch (mechanism) {
      case NONE, SINGLE_STEP, SOFTWARE_BTS -> true;
      default -> false;
    };
  }

  static ProbeReport report() {
    return new ProbeReport(machine(), mechanisms(), payers());
  }

  private static Map<String, String> machine() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("kernel", first("/proc/sys/kernel/osrelease"));
    facts.put("cpu", cpuModel());
    facts.put("cpus", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("uid", KernelTasks.self().principal().toString());
    facts.put("RLIMIT_MEMLOCK", limit("Max locked memory"));
    facts.put("perf_event_paranoid", first("/proc/sys/kernel/perf_event_paranoid"));
    facts.put("yama ptrace_scope", first("/proc/sys/kernel/yama/ptrace_scope"));
    return facts;
  }

  private static String first(String path) {
    return ProcFile.lines(path).stream().findFirst().orElse("absent");
  }

  private static String cpuModel() {
    for (String line : ProcFile.lines("/proc/cpuinfo")) {
      if (line.startsWith("model name")) {
        return line.substring(line.indexOf(':') + 1).trim();
      }
    }
    return "unknown";
  }

  private static String limit(String name) {
    for (String line : ProcFile.lines("/proc/self/limits")) {
      if (line.startsWith(name)) {
        return line.substring(name.length()).trim().replaceAll(" +", " ");
      }
    }
    return "unknown";
  }

  private static List<Finding> mechanisms() {
    List<Finding> findings = new ArrayList<>();
    findings.add(tried(Mechanism.SOFTWARE_BTS.label(), TranslationProbe::finding));
    findings.add(tried(Mechanism.INTEL_BTS.label(), PmuProbe::branchTraceStore));
    findings.add(tried(Mechanism.LBR.label(), PmuProbe::branchStacks));
    findings.add(tried(Mechanism.BLOCK_STEP.label(), Probe::blockStep));
    findings.add(tried(Mechanism.SINGLE_STEP.label(), Probe::singleStep));
    findings.add(new Finding(Mechanism.NONE.label(), true, "needs what single-step needs", "", ""));
    return findings;
  }

  private static Finding tried(String subject, Supplier<Finding> trial) {
    try {
      return trial.get();
    } catch (BtsException failed) {
      Explanation why = failed.explanation();
      return new Finding(subject, false, why.asked(), why.obstacle(), why.remedy());
    }
  }

  private static Finding singleStep() {
    long stops = StepProbe.singleSteps();
    return new Finding(
        Mechanism.SINGLE_STEP.label(), stops > 0, stops + " stops over known code", "", "");
  }

  private static Finding blockStep() {
    long steps = StepProbe.singleSteps();
    long blocks = StepProbe.blockSteps();
    boolean works = blocks < steps;
    return new Finding(
        Mechanism.BLOCK_STEP.label(),
        false,
        blocks + " stops over code that single-steps in " + steps,
        works
            ? "this version of bts does not use it yet"
            : "the processor or its hypervisor ignores the block step flag (DEBUGCTL.BTF)",
        "use single-step");
  }

  private static List<Finding> payers() {
    List<Finding> findings = new ArrayList<>();
    for (ChargingPolicy policy : Policies.builtIn()) {
      findings.add(tried(policy.name(), () -> charge(policy)));
    }
    return findings;
  }

  /** Charges one page, to a helper where the tracee pays, and looks whether the kernel agrees. */
  private static Finding charge(ChargingPolicy policy) {
    PossiblePair.require(Mechanism.SINGLE_STEP, policy);
    List<SideEvent.AccountingDrift> drifts = new ArrayList<>();
    try (HelperProcess tracee = HelperProcess.start()) {
      ChargedMemory memory =
          ChargedMemory.open(
              new JournaledLedger(),
              policy,
              new ChargeRequest(KernelTasks.self(), KernelTasks.identify(tracee.pid()), 1, false),
              new KernelPlaces(new HelperCalls(tracee), false),
              "probe",
              drifts::add);
      String charged = memory.receipt().charges().toString();
      memory.release();
      return new Finding(
          policy.name(),
          drifts.isEmpty(),
          "charged and refunded " + charged,
          drifts.isEmpty() ? "" : "the kernel counts otherwise: " + drifts,
          "");
    }
  }
}
