package dev.bts.sim.lab;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.rules.Bounds;
import dev.bts.sim.rules.Invariant;
import dev.bts.sim.rules.Rules;

/**
 * What to look for, and how far.
 *
 * @param rules the rules to check
 * @param bounds how large the machine is
 * @param invariants the invariants that are watched, as bits; steps that break others are followed
 * @param depth the most steps, {@link #UNBOUNDED} for all
 * @param states the most states that are kept
 * @param threads how many threads look
 * @param symmetric whether states that differ in numbers alone are looked at once. It supposes that
 *     a policy treats equals equally
 */
public record Search(
    Rules rules,
    Bounds bounds,
    int invariants,
    int depth,
    long states,
    int threads,
    boolean symmetric) {
  /** No limit of the depth. */
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  /** The states that are kept unless said otherwise. */
  public static final long DEFAULT_STATES = 20_000_000;

  /** The most states that can be kept. */
  public static final long MOST_STATES = 500_000_000;

  /** Checks. */
  public Search {
    if (depth < 1 || states < 1 || states > MOST_STATES || threads < 1) {
      throw new InvalidRequestException(
          new Explanation(
              "explore " + states + " states to depth " + depth + " with " + threads + " threads",
              "there is at least one of each, and at most " + MOST_STATES + " states",
              "correct --states, --depth or --threads"));
    }
  }

  /** Returns a search for all invariants with both cores of a small machine. */
  public static Search of(Rules rules, Bounds bounds) {
    return new Search(rules, bounds, Invariant.ALL, UNBOUNDED, DEFAULT_STATES, 2, true);
  }

  /** Returns the search for some invariants only. */
  public Search watching(int others) {
    return new Search(rules, bounds, others, depth, states, threads, symmetric);
  }

  /** Returns the search with other limits. */
  public Search limited(int otherDepth, long otherStates) {
    return new Search(rules, bounds, invariants, otherDepth, otherStates, threads, symmetric);
  }

  /** Returns the search with so many threads. */
  public Search withThreads(int others) {
    return new Search(rules, bounds, invariants, depth, states, others, symmetric);
  }

  /** Returns the search in which states that differ in numbers alone are all looked at. */
  public Search withoutSymmetry() {
    return new Search(rules, bounds, invariants, depth, states, threads, false);
  }
}
