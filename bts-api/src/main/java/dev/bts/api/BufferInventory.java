package dev.bts.api;

import java.util.List;

/**
 * The branch buffers of all sessions on a machine, those of dead ones included. Safe for several
 * threads; nothing is kept between calls.
 */
public interface BufferInventory {
  /**
   * What was found.
   *
   * @param buffers the buffers that the caller may look at
   * @param hiddenProcesses how many processes the caller may not look at: they may have more
   */
  record Listing(List<LiveBuffer> buffers, int hiddenProcesses) {
    /** Copies. */
    public Listing {
      buffers = List.copyOf(buffers);
    }
  }

  /**
   * An orphan that was freed.
   *
   * @param buffer what it was
   * @param pid the process that it was unmapped in, and that was refunded
   * @param lockedBefore the pages that the process had locked, by the kernel's count (VmLck)
   * @param lockedAfter the same, once it was freed
   */
  record Reclaimed(LiveBuffer buffer, int pid, long lockedBefore, long lockedAfter) {}

  /** Finds all buffers. Processes that end meanwhile are left out. */
  Listing list();

  /**
   * Frees the orphans in a process: it is stopped, unmaps them itself, and goes on undisturbed. A
   * buffer whose owner lives, or may live, is never touched.
   *
   * @return what was freed, nothing if the process has no orphan
   * @throws TargetException if there is no such process, or it cannot be stopped: it belongs to
   *     somebody else, or is traced
   * @throws KernelException if the process did not unmap one
   */
  List<Reclaimed> reclaim(int pid);
}
