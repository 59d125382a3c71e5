package dev.bts.kernel;

import dev.bts.api.Mechanism;
import dev.bts.kernel.FaultTrial.Operation;
import dev.bts.kernel.FaultTrial.Result;
import dev.bts.kernel.FaultTrial.Scenario;
import dev.bts.kernel.sys.FaultInjector.Fault;
import dev.bts.kernel.sys.FaultInjector.Site;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All faults of a scenario: each documented error at each place that calls the kernel. */
final class FaultSweep {
  /** Runs before the numbers of calls are counted, in which classes are loaded. */
  private static final int WARM_UP_RUNS = 2;

  /** How often a fault is tried until its call is reached. */
  private static final int TRIES = 5;

  private final Scenario scenario;
  private final Result undisturbed;
  private int unreached;

  /** Carries a scenario out without a fault, and notes from where the kernel is called. */
  FaultSweep(Scenario scenario) {
    this.scenario = scenario;
    for (int run = 0; run < WARM_UP_RUNS; run++) {
      FaultTrial.of(scenario, null);
    }
    undisturbed = FaultTrial.of(scenario, null);
  }

  /** Returns what is done, with who pays and how it is seen. */
  static List<Scenario> scenarios() {
    List<Scenario> scenarios = new ArrayList<>();
    for (Mechanism mechanism : List.of(Mechanism.SINGLE_STEP, Mechanism.SOFTWARE_BTS)) {
      for (String policy : List.of("tracee", "tracer", "user")) {
        scenarios.add(new Scenario(Operation.RECORD, policy, mechanism));
        scenarios.add(new Scenario(Operation.ATTACH, policy, mechanism));
      }
    }
    scenarios.add(new Scenario(Operation.RECLAIM, "tracee", Mechanism.NONE));
    return scenarios;
  }

  /** Returns what is wrong without any fault. */
  List<String> undisturbed() {
    return undisturbed.violations();
  }

  /** Returns the first calls from all sites but those that are known, with each of their errors. */
  List<Fault> faults(Set<Site> known) {
    List<Fault> faults = new ArrayList<>();
    for (Map.Entry<Site, Integer> site : undisturbed.injector().counts().entrySet()) {
      if (known.add(site.getKey())) {
        for (int errno : site.getKey().errors()) {
          faults.add(new Fault(site.getKey(), 1, errno));
        }
      }
    }
    return faults;
  }

  /** Returns all first calls with each of their errors. */
  List<Fault> faults() {
    return faults(new HashSet<>());
  }

  /**
   * Has one call fail.
   *
   * @return what is wrong afterwards, nothing if the call was not reached
   */
  List<String> violations(Fault fault) {
    Result result = FaultTrial.of(scenario, fault);
    for (int tries = 1; isUndisturbed(result) && tries < TRIES; tries++) {
      // At which call a process that runs is stopped is not the same each time.
      result = FaultTrial.of(scenario, fault);
    }
    unreached += result.injector().struck() ? 0 : 1;
    List<String> violations = new ArrayList<>(result.violations());
    boolean complete = result.failure() == null && !result.injector().killed();
    if (complete && result.branches() != undisturbed.branches()) {
      violations.add("a gap: " + result.branches() + " of " + undisturbed.branches());
    }
    return violations.stream().map(violation -> fault + ": " + violation).toList();
  }

  private static boolean isUndisturbed(Result result) {
    return !result.injector().struck() && result.violations().isEmpty();
  }

  /** Returns of how many faults that were tried the call was not reached. */
  int unreached() {
    return unreached;
  }
}
