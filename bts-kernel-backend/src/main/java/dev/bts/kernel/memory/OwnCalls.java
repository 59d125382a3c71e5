package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Sys;

/** System calls of the calling thread itself, which must be a platform thread. */
final class OwnCalls implements RemoteCalls, AutoCloseable {
  private static final int SCRATCH_BYTES = 64;

  private final NativeBuffer scratch = new NativeBuffer(SCRATCH_BYTES);

  @Override
  public int pid() {
    return (int) ProcessHandle.current().pid();
  }

  @Override
  public int tid() {
    return (int) Sys.call(Sys.GETTID, 0, 0);
  }

  @Override
  public long call(int number, long a, long b, long c, long d, long e, long f) {
    return Sys.call(number, a, b, c, d, e, f);
  }

  @Override
  public void write(long address, byte[] bytes) {
    Mapping.view(address, bytes.length).put(0, bytes);
  }

  @Override
  public long scratch() {
    return scratch.address();
  }

  @Override
  public int scratchBytes() {
    return scratch.size();
  }

  @Override
  public void close() {
    scratch.close();
  }
}
