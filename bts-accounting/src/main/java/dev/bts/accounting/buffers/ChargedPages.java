package dev.bts.accounting.buffers;

import dev.bts.api.charging.Receipt;
import java.nio.ByteBuffer;

/** Memory that somebody has paid for, with the receipt. */
public interface ChargedPages {
  /**
   * Returns the part of the memory that records may be put in. Not touched after {@link #release},
   * when it may be unmapped.
   */
  ByteBuffer bytes();

  /** Returns who paid how much. */
  Receipt receipt();

  /**
   * Checks that whoever paid still holds the memory locked: a tracee can unlock or unmap it, and a
   * process of the paying user can unlock the user's. Tells the session's log of a difference, once
   * until it changes.
   */
  void verify();

  /**
   * Gives the memory back and refunds those who paid, whether they are still there or not.
   *
   * @throws dev.bts.api.KernelException if the kernel did not take it as expected; it is refunded
   *     nevertheless
   */
  void release();
}
