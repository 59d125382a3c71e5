package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.UserRegs;
import java.nio.ByteBuffer;

/** The general registers of a stopped task, as last fetched; fields by {@link UserRegs} offset. */
final class Registers implements AutoCloseable {
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

  void copyFrom(Registers other) {
    bytes.put(0, other.bytes, 0, UserRegs.BYTES);
  }

  @Override
  public void close() {
    memory.close();
  }
}
