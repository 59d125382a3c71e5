package dev.bts.kernel;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Sys;

/**
 * Waits for a command that its session has let go: it is still a child of this process, and would
 * stay a zombie when it ends.
 */
final class ChildReaper {
  private ChildReaper() {}

  /** Waits for the end of one child, on a daemon thread. */
  static void adopt(int pid) {
    Thread thread = new Thread(() -> reap(pid), "bts-reaper-" + pid);
    thread.setDaemon(true);
    thread.start();
  }

  private static void reap(int pid) {
    try (NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
      long got;
      do {
        got = Sys.call(Sys.WAIT4, pid, status.address(), Ptrace.WALL, 0);
      } while (got == -Errno.EINTR);
    }
  }
}
