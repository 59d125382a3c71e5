package dev.bts.kernel.sys;

import dev.bts.api.KernelException;
import java.util.function.LongSupplier;

/**
 * Orders to the kernel that must not be left out, because they undo others or let somebody go, and
 * nobody undoes them: given once more if they are refused.
 */
public final class Insistence {
  private Insistence() {}

  /**
   * Gives an order.
   *
   * @throws KernelException if it is refused twice
   */
  public static void run(Runnable order) {
    try {
      order.run();
    } catch (KernelException refused) {
      order.run();
    }
  }

  /** Makes a call; returns its result or, if it is refused twice, a negative errno. */
  public static long call(LongSupplier order) {
    long result = order.getAsLong();
    return result < 0 ? order.getAsLong() : result;
  }
}
