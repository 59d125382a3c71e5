package dev.bts.cli.perfdata;

import dev.bts.api.Mechanism;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Where the content of a perf.data file comes from, as far as it says.
 *
 * @param mechanism how the branches were seen
 * @param machine facts about the machine by name, in order
 * @param command the command that perf followed; empty if perf's command line does not tell
 * @param pid the process of the first record that names one
 * @param modified when the file was written last
 * @param firstNanos the time of the first record, on the clock of the recording
 */
public record PerfDataOrigin(
    Mechanism mechanism,
    Map<String, String> machine,
    List<String> command,
    int pid,
    Instant modified,
    long firstNanos) {
  /** Copies. */
  public PerfDataOrigin {
    machine = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(machine));
    command = List.copyOf(command);
  }
}
