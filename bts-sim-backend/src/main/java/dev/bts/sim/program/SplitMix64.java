package dev.bts.sim.program;

/**
 * A small random generator whose whole state is one long: SplitMix64 (Steele, Lea and Flood, "Fast
 * splittable pseudorandom number generators", OOPSLA 2014). Written out here because a fork must
 * copy the state, and because the numbers must be the same on every JDK.
 */
final class SplitMix64 {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  SplitMix64(long seed) {
    state = seed;
  }

  SplitMix64(SplitMix64 other) {
    state = other.state;
  }

  long next() {
    state += GOLDEN_GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Returns a number in [0, bound). The bias for small bounds is below 2^-32. */
  int below(int bound) {
    return (int) (((next() >>> 32) * bound) >>> 32);
  }
}
