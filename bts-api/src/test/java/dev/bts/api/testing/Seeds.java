package dev.bts.api.testing;

import java.util.Random;
import java.util.function.LongConsumer;

/**
 * Runs random tests over seeds and names, when one fails, the command that replays it.
 *
 * <p>The property {@code bts.seed} replaces all seeds of a test by one.
 */
public final class Seeds {
  private static final String PROPERTY = "bts.seed";

  private Seeds() {}

  /**
   * Runs a test body for the seeds 1 to count, or for the one that {@code -Dbts.seed} names.
   *
   * @throws AssertionError with the replay command if the body fails
   */
  public static void forEach(Class<?> test, String module, int count, LongConsumer body) {
    Long chosen = Long.getLong(PROPERTY);
    long first = chosen == null ? 1 : chosen;
    long last = chosen == null ? count : chosen;
    for (long seed = first; seed <= last; seed++) {
      try {
        body.accept(seed);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError(
            "failed with seed "
                + seed
                + "; replay: mvn -pl "
                + module
                + " -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest="
                + test.getSimpleName()
                + " -D"
                + PROPERTY
                + "="
                + seed
                + "\n"
                + failure.getMessage(),
            failure);
      }
    }
  }

  /** Returns the generator of a seed; {@link Random} is specified to the bit. */
  public static Random random(long seed) {
    return new Random(seed);
  }
}
