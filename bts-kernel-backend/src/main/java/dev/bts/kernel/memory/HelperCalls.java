package dev.bts.kernel.memory;

import dev.bts.kernel.helper.HelperProcess;

/** System calls of a helper process. */
public final class HelperCalls implements RemoteCalls {
  private static final int SCRATCH_BYTES = 4096;

  private final HelperProcess helper;
  private final long scratch;

  /** Takes a page of the helper as scratch memory. */
  public HelperCalls(HelperProcess helper) {
    this.helper = helper;
    this.scratch = helper.map(SCRATCH_BYTES);
  }

  @Override
  public int pid() {
    return helper.pid();
  }

  @Override
  public long call(int number, long a, long b, long c, long d, long e, long f) {
    return helper.call(number, a, b, c, d, e, f);
  }

  @Override
  public void write(long address, byte[] bytes) {
    helper.write(address, bytes);
  }

  @Override
  public long scratch() {
    return scratch;
  }

  @Override
  public int scratchBytes() {
    return SCRATCH_BYTES;
  }
}
