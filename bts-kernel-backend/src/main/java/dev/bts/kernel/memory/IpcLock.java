package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Capabilities;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;

/** The capability CAP_IPC_LOCK, which lifts memlock limits, and how it is laid down for a while. */
final class IpcLock {
  private static final long CAP_IPC_LOCK = Capabilities.bit(Capabilities.CAP_IPC_LOCK);

  private IpcLock() {}

  /** Returns whether a thread has the capability in its effective set. */
  static boolean isEffective(int tid) {
    return (ProcFile.statusSet(tid, "CapEff") & CAP_IPC_LOCK) != 0;
  }

  /**
   * Does something while the thread that executes the calls does not have the capability in its
   * effective set; afterwards it has what it had before.
   *
   * @throws KernelException if the thread's capabilities cannot be read or set
   */
  static <T> T without(RemoteCalls calls, Supplier<T> action) {
    int tid = calls.tid();
    long effective = set(tid, "CapEff");
    if ((effective & CAP_IPC_LOCK) == 0) {
      return action.get();
    }
    long permitted = set(tid, "CapPrm");
    long inheritable = set(tid, "CapInh");
    try {
      change(calls, effective & ~CAP_IPC_LOCK, permitted, inheritable);
      return action.get();
    } finally {
      // A program must not lose a capability by being traced.
      Insistence.run(() -> change(calls, effective, permitted, inheritable));
    }
  }

  private static long set(int tid, String name) {
    // Not statusSet, which takes a file that cannot be read for an empty set: this set is put back.
    return ProcFile.statusField(tid, name)
        .map(value -> Long.parseUnsignedLong(value, 16))
        .orElseThrow(
            () ->
                new KernelException(
                    new Explanation(
                        "read the capabilities of thread " + tid,
                        "/proc/" + tid + "/status has none",
                        "charge without --strict"),
                    Errno.ESRCH));
  }

  private static void change(RemoteCalls calls, long effective, long permitted, long inheritable) {
    ByteBuffer arguments =
        ByteBuffer.allocate(Capabilities.HEADER_BYTES + 2 * Capabilities.HALF_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    arguments.putInt(0, Capabilities.VERSION_3);
    for (int half = 0; half < 2; half++) {
      int at = Capabilities.HEADER_BYTES + half * Capabilities.HALF_BYTES;
      int shift = half * Integer.SIZE;
      arguments.putInt(at + Capabilities.EFFECTIVE_OFFSET, (int) (effective >>> shift));
      arguments.putInt(at + Capabilities.PERMITTED_OFFSET, (int) (permitted >>> shift));
      arguments.putInt(at + Capabilities.INHERITABLE_OFFSET, (int) (inheritable >>> shift));
    }
    long header = calls.argument(arguments.array());
    Errno.check(
        calls.call(Sys.CAPSET, header, header + Capabilities.HEADER_BYTES, 0, 0, 0, 0),
        "change the effective capabilities of thread " + calls.tid());
  }
}
