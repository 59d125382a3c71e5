package dev.bts.kernel.ptrace;

import dev.bts.kernel.software.CodeSource;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.UserRegs;
import dev.bts.kernel.x86.Instruction;
import java.nio.ByteBuffer;

/**
 * The code in an address space that may be translated: what stays as it is until its mapping is
 * changed, and what {@link WrittenCode} watches.
 */
final class ProgramCode implements CodeSource {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** What the C library keeps for itself of a thread takes less, on either side of its FS base. */
  private static final long THREAD_BYTES = 1 << 12;

  private final Tracee tracee;
  private final AddressSpace memory;

  /** Describes the code that a process has now. */
  ProgramCode(Tracee tracee) {
    this.tracee = tracee;
    this.memory = tracee.memory();
  }

  @Override
  public ByteBuffer read(long address, int bytes) {
    MemoryArea area = memory.areaOf(address);
    if (area == null) {
      memory.refresh();
      area = memory.areaOf(address);
    }
    if (area == null) {
      return NOTHING;
    }
    if (!area.stableCode()) {
      return readWritten(area, address, bytes);
    }
    ByteBuffer read = memory.read(address, bytes);
    return read.limit((int) Math.min(read.limit(), area.end() - address));
  }

  private ByteBuffer readWritten(MemoryArea area, long address, int bytes) {
    WrittenCode watch = memory.writtenCode();
    if (watch == null || !area.writtenCode()) {
      return NOTHING;
    }
    long page = address & -Mapping.PAGE_BYTES;
    long rest = page + Mapping.PAGE_BYTES - address;
    // Its neighbour is watched only for an instruction that may reach into it.
    long count = Math.min(bytes, rest < Instruction.MAX_LENGTH ? Instruction.MAX_LENGTH : rest);
    int asked = (int) Math.min(count, area.end() - address);
    if (!watch.isProtected(page, address + asked)) {
      if (isWrittenByKernel(page, address + asked)) {
        return NOTHING;
      }
      // What is not there yet cannot be protected.
      memory.read(address, asked);
      if (!watch.protect(area, page, address + asked)) {
        return NOTHING;
      }
    }
    return memory.read(address, asked);
  }

  /**
   * Returns whether the kernel writes to some memory by itself, and would kill the program if it
   * could not: around its FS base a thread has what it registered with set_tid_address(2) and
   * rseq(2). A stack that is executable may have that on the page of code, too.
   */
  private boolean isWrittenByKernel(long from, long to) {
    for (Task task : tracee.tasks()) {
      long thread = task.registers.get(UserRegs.FS_BASE);
      if (from < thread + THREAD_BYTES && to > thread - THREAD_BYTES) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean isWrittenByProgram(long address) {
    MemoryArea area = memory.areaOf(address);
    return area != null && area.mayHoldWrittenCode();
  }
}
