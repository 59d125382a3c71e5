package dev.bts.api.plan;

import dev.bts.api.BufferSpec;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a session would need, as far as it decides who pays how much. Immutable.
 *
 * @param subject who would be traced
 * @param chosen how branches would be seen, null for what a session would choose by itself
 * @param bufferBytes the size of each buffer, or {@link BufferSpec#AUTO}
 * @param processes how many processes would be traced at one time
 * @param threads how many threads they would have together
 * @param chargeOther whether another principal's process may be charged
 * @param strict whether charges would be made without CAP_IPC_LOCK
 */
public record PlanRequest(
    Subject subject,
    @Nullable Mechanism chosen,
    long bufferBytes,
    int processes,
    int threads,
    boolean chargeOther,
    boolean strict) {
  /** How many processes can be planned for. */
  public static final int MAX_PROCESSES = 1 << 16;

  /** How many threads there can be on 64-bit Linux (linux/threads.h, PID_MAX_LIMIT). */
  public static final int MAX_THREADS = 1 << 22;

  /**
   * Checks.
   *
   * @throws InvalidRequestException if a number is out of range, there are fewer threads than
   *     processes, or the mechanism records nothing
   */
  public PlanRequest {
    if (bufferBytes == 0) {
      throw new InvalidRequestException(
          new Explanation(
              "plan for a buffer of no pages",
              "nobody pays for it",
              "give --buffer a size, such as 1M, or auto"));
    }
    if (bufferBytes != BufferSpec.AUTO && (bufferBytes < 0 || bufferBytes > BufferSpec.MAX_BYTES)) {
      throw BufferSpec.outOfRange(bufferBytes);
    }
    if (chosen == Mechanism.NONE) {
      throw new InvalidRequestException(
          new Explanation(
              "plan for mechanism 'none'",
              "it records nothing, so there is no buffer and nobody pays",
              "choose another --mechanism, or leave it out"));
    }
    requireRange("processes", processes, MAX_PROCESSES);
    requireRange("threads", threads, MAX_THREADS);
    if (threads < processes) {
      throw new InvalidRequestException(
          new Explanation(
              "plan for " + processes + " processes with " + threads + " threads together",
              "every process has at least one thread",
              "raise --threads or lower --processes"));
    }
  }

  private static void requireRange(String what, int value, int most) {
    if (value < 1 || value > most) {
      throw new InvalidRequestException(
          new Explanation(
              "plan for " + value + " " + what,
              "the number must lie between 1 and " + most,
              "correct --" + what));
    }
  }

  /** Returns how branches would be seen; empty for what a session would choose by itself. */
  public Optional<Mechanism> mechanism() {
    return Optional.ofNullable(chosen);
  }
}
