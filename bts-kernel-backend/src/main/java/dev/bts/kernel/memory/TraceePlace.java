package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Mapping;

/**
 * Where a tracee is to have memory that it shares with its tracer.
 *
 * @param address the address, where nothing may be mapped yet
 * @param executable whether it executes and cannot write it; else it reads and writes it
 */
public record TraceePlace(long address, boolean executable) {
  /**
   * Where a byte stands in such memory that is 0 as long as the thread lives that had it mapped: of
   * the liveness word that with FUTEX_OWNER_DIED in it. Thread ids are too small for it.
   */
  public static final int DEATH_OFFSET = BufferHeader.LIVENESS_OFFSET + 3;

  int access() {
    return Mapping.PROT_READ | (executable ? Mapping.PROT_EXEC : Mapping.PROT_WRITE);
  }
}
