package dev.bts.kernel.sys;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The place that every system call of bts passes, whoever executes it. Tests put something there
 * that answers in the kernel's place; only this package can, and nobody else has anything to do
 * with it.
 */
public final class Boundary {
  /** Who executes a system call. */
  public enum Side {
    /** The calling thread. */
    TRACER,
    /** A tracee, on the tracer's behalf. */
    TRACEE,
    /** A helper process. */
    HELPER
  }

  /** What stands between bts and the kernel. Called by all threads. */
  interface Interposer {
    /**
     * Answers a call.
     *
     * @param a the first argument
     * @param b the second argument; for a call in a tracee or helper, the process
     * @param real makes the call
     * @return its result, or a negative errno
     */
    long call(Side side, int number, long a, long b, LongSupplier real);
  }

  /** Null except in tests; so an ordinary call costs one load more. */
  private static volatile @Nullable Interposer interposer;

  private Boundary() {}

  /** Puts something between bts and the kernel, null to take it away. */
  static void interpose(@Nullable Interposer next) {
    interposer = next;
  }

  static @Nullable Interposer interposer() {
    return interposer;
  }

  /**
   * Has a system call made at another place than the calling thread.
   *
   * @param process that makes it
   */
  public static long call(Side side, int number, long first, int process, LongSupplier real) {
    Interposer present = interposer;
    return present == null ? real.getAsLong() : present.call(side, number, first, process, real);
  }
}
