package dev.bts.cli.trace;

import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a trace file says about itself.
 *
 * @param writer the program that wrote it, with its version
 * @param machine facts about the machine by name (kernel, cpu …), in order
 * @param mechanism how the branches were seen
 * @param fidelity how much of what happened the trace holds
 * @param command the traced command and its arguments, cut to 256; empty if a process was attached
 *     to
 * @param pid the first traced process
 * @param start when tracing started
 * @param startNanos the same moment on the clock of the side events, nanoseconds
 */
public record TraceHeader(
    String writer,
    Map<String, String> machine,
    Mechanism mechanism,
    Fidelity fidelity,
    List<String> command,
    int pid,
    Instant start,
    long startNanos) {
  /** Copies. */
  public TraceHeader {
    machine = Collections.unmodifiableMap(new LinkedHashMap<>(machine));
    command = List.copyOf(command);
  }
}
