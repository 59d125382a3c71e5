package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.UserRegs;
import java.nio.ByteBuffer;

/** The general registers of a stopped task, as last fetched; fields by {@link UserRegs} offset. */
final class Registers implements AutoCloseable {
  /** The size of {@code syscall}, and of {@code int 0x80} and {@code sysenter}. */
  static final int SYSCALL_INSTRUCTION_BYTES = 2;

  private final NativeBuffer memory = new NativeBuffer(UserRegs.BYTES);
  private final ByteBuffer bytes = memory.bytes();
  private final long address = memory.address();

  /** Fetches the registers of a stopped task. */
  void fetch(int tid) {
    Stops.demand(tid, Ptrace.call(Ptrace.GETREGS, tid, 0, address));
  }

  /** Gives these registers to a stopped task, all in one step. */
  void store(int tid) {
    Stops.demand(tid, Ptrace.call(Ptrace.SETREGS, tid, 0, address));
  }

  long get(int offset) {
    return bytes.getLong(offset);
  }

  void set(int offset, long value) {
    bytes.putLong(offset, value);
  }

  long rip() {
    return bytes.getLong(UserRegs.RIP);
  }

  /**
   * Takes a task that stands behind a system call back before the instruction, which will make a
   * call with this number. The registers are still to be stored.
   */
  void takeBackBeforeCall(long number) {
    set(UserRegs.RIP, rip() - SYSCALL_INSTRUCTION_BYTES);
    set(UserRegs.RAX, number);
    set(UserRegs.ORIG_RAX, -1);
  }

  void copyFrom(Registers other) {
    bytes.put(0, other.bytes, 0, UserRegs.BYTES);
  }

  @Override
  public void close() {
    memory.close();
  }
}
