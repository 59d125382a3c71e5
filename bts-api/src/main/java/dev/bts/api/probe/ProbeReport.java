package dev.bts.api.probe;

import dev.bts.api.Mechanism;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What works on a machine, measured, and why the rest does not.
 *
 * @param machine facts about the machine by name, in order (kernel, cpu, limits …)
 * @param mechanisms one finding per mechanism of the backend, best first
 * @param payers one finding per charging policy that the backend can really charge
 */
public record ProbeReport(
    Map<String, String> machine, List<Finding> mechanisms, List<Finding> payers) {
  /** Copies. */
  public ProbeReport {
    machine = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(machine));
    mechanisms = List.copyOf(mechanisms);
    payers = List.copyOf(payers);
  }

  /** Returns the finding for a mechanism. */
  public Optional<Finding> mechanism(Mechanism mechanism) {
    return mechanisms.stream().filter(f -> f.subject().equals(mechanism.label())).findFirst();
  }

  /**
   * One measured fact.
   *
   * @param subject the mechanism or policy
   * @param works whether it was seen to work
   * @param measured what was measured, with numbers
   * @param obstacle what stands in the way, empty if it works
   * @param remedy what to do, empty if nothing helps or nothing is needed
   */
  public record Finding(
      String subject, boolean works, String measured, String obstacle, String remedy) {}
}
