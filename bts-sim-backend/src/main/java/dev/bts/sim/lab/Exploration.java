package dev.bts.sim.lab;

import org.jspecify.annotations.Nullable;

/**
 * What an {@link Explorer} has found.
 *
 * @param search what was looked for
 * @param verdict the answer
 * @param counterexample a shortest sequence of operations that breaks an invariant, null if none
 *     was found
 * @param ended why the exploration ended early, empty if it did not
 * @param states how many different states were reached
 * @param transitions how many steps were made
 * @param depth the most steps from the beginning to a state
 * @param bytes memory of the states
 * @param nanos how long it took
 */
public record Exploration(
    Search search,
    Verdict verdict,
    @Nullable Counterexample counterexample,
    String ended,
    long states,
    long transitions,
    int depth,
    long bytes,
    long nanos) {
  /** The answer of an exploration. */
  public enum Verdict {
    /** The invariants hold in all reachable states within the bounds. */
    HOLDS,
    /** An invariant is broken. */
    BROKEN,
    /** Nothing was found, but not all was looked at. */
    PARTIAL
  }

  private static final double NANOS_PER_SECOND = 1e9;

  /** Returns how many states were found each second. */
  public long statesPerSecond() {
    return (long) (states / Math.max(nanos / NANOS_PER_SECOND, 1e-9));
  }

  /** Returns the answer in a sentence. */
  public String sentence() {
    return switch (verdict) {
      case HOLDS -> "holds in all " + states + " reachable states";
      case BROKEN -> counterexample == null ? "broken" : counterexample.sentence();
      case PARTIAL -> "partial: holds in the " + states + " states looked at; " + ended;
    };
  }
}
