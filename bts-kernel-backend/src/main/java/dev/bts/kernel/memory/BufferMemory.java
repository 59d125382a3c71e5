package dev.bts.kernel.memory;

import java.nio.ByteBuffer;

/**
 * Pages in a place where the kernel charges them to the payer.
 *
 * <p>Not safe for several threads. A process that is traced, or another of the paying user, can
 * take the lock off these pages at any time; {@link #lockedPages} tells.
 */
public interface BufferMemory {
  /**
   * Returns the part of the memory that records may be put in, as it is mapped in this process. It
   * need not begin with the first page, nor fill all pages. Little-endian.
   *
   * <p>The memory is gone after {@link #release}: whoever touches the buffer then crashes the JVM.
   */
  ByteBuffer bytes();

  /** Returns how many pages were charged. */
  long pages();

  /**
   * Returns how many pages of this memory the payer has now: in its address space, or, where a
   * control group pays, anywhere; 0 where neither is charged.
   */
  long mappedPages();

  /** Returns how many pages the kernel counts as locked for this memory now. */
  long lockedPages();

  /**
   * Gives the memory back. Where the payer is gone, or has unmapped it, the kernel has refunded it
   * already, and only this process's side is unmapped. Releasing again has no effect.
   *
   * @throws dev.bts.api.KernelException if the payer's side could not be unmapped; this process's
   *     side is
   */
  void release();
}
