package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Mapping;

/**
 * Where a tracee is to have memory that it shares with its tracer.
 *
 * @param address the address, where nothing may be mapped yet
 * @param executable whether it executes and cannot write it; else it reads and writes it
 */
public record TraceePlace(long address, boolean executable) {
  int access() {
    return Mapping.PROT_READ | (executable ? Mapping.PROT_EXEC : Mapping.PROT_WRITE);
  }
}
