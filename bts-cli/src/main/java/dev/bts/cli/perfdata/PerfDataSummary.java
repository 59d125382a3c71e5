package dev.bts.cli.perfdata;

import dev.bts.api.Fidelity;
import java.util.List;

/**
 * What was read of a perf.data file.
 *
 * @param fidelity how much of what happened it holds
 * @param branches branches handed over
 * @param samples branch stacks handed over, the empty ones too
 * @param damage what could not be read, in words; empty if everything could
 */
public record PerfDataSummary(Fidelity fidelity, long branches, long samples, List<String> damage) {
  /** Copies. */
  public PerfDataSummary {
    damage = List.copyOf(damage);
  }
}
