package dev.bts.kernel.software;

import java.nio.ByteBuffer;

/** Has memory charged and mapped for the translation of one address space. */
public interface ArenaSupply {
  /** Where memory is to be in the tracee. */
  enum Place {
    /** Below 2 GiB, so that an absolute address takes four bytes. */
    LOW,
    /** Not so far from the program's code that relative addresses do not reach it. */
    NEAR,
    /** Not in the tracee, unless that has to have it in order to pay for it. */
    TRACER
  }

  /**
   * What was supplied.
   *
   * @param bytes the memory as the tracer sees it, zero
   * @param address where the tracee has it, 0 if it cannot use it
   * @param liveness where the tracee has a byte that is 0 as long as the tracer lives, 0 if nowhere
   */
  record Supplied(ByteBuffer bytes, long address, long liveness) {}

  /**
   * Allocates memory, which belongs to the address space until that is gone or let go.
   *
   * @param near the address that {@link Place#NEAR} means
   * @param executable whether the tracee executes and cannot write it; else it reads and writes it
   * @throws dev.bts.api.BtsException if it cannot be had, with the reason
   */
  Supplied allocate(Place place, long near, int pages, boolean executable);
}
