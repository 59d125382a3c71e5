package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Sys;

/** A soft RLIMIT_MEMLOCK of this process for the time of a test, which its children inherit. */
public final class MemlockLimit implements AutoCloseable {
  private final long softBefore;
  private final long hard;

  /** Sets the limit, or the hard one if that is lower. */
  public MemlockLimit(long bytes) {
    int pid = (int) ProcessHandle.current().pid();
    softBefore = Rlimit.soft(pid, Rlimit.MEMLOCK_ROW);
    hard = Rlimit.hard(pid, Rlimit.MEMLOCK_ROW);
    set(hard == Rlimit.INFINITY ? bytes : Math.min(bytes, hard));
  }

  private void set(long soft) {
    try (NativeBuffer limit = new NativeBuffer(Rlimit.BYTES)) {
      limit.bytes().putLong(Rlimit.SOFT_OFFSET, soft).putLong(Rlimit.HARD_OFFSET, hard);
      assertThat(Sys.call(Sys.PRLIMIT64, 0, Rlimit.MEMLOCK, limit.address(), 0)).isZero();
    }
  }

  @Override
  public void close() {
    set(softBefore);
  }
}
