package dev.bts.kernel.sys;

import java.util.List;

/**
 * Resource limits: constants and layout of prlimit64(2), and the limits of any process as
 * /proc/PID/limits shows them (prlimit64 reads those of another user with CAP_SYS_RESOURCE only).
 */
public final class Rlimit {
  /** RLIMIT_MEMLOCK. */
  public static final int MEMLOCK = 8;

  /** RLIM_INFINITY. */
  public static final long INFINITY = -1;

  /** The size of struct rlimit64: soft and hard limit. */
  public static final int BYTES = 16;

  /** The offset of the soft limit. */
  public static final int SOFT_OFFSET = 0;

  /** The offset of the hard limit. */
  public static final int HARD_OFFSET = 8;

  /** The row of RLIMIT_MEMLOCK in /proc/PID/limits. */
  public static final String MEMLOCK_ROW = "Max locked memory";

  /** The row of RLIMIT_AS in /proc/PID/limits. */
  public static final String ADDRESS_SPACE_ROW = "Max address space";

  private Rlimit() {}

  /**
   * Returns the soft limit of a process in bytes, {@link #INFINITY} if it is unlimited.
   *
   * @throws dev.bts.api.KernelException if the process is gone or hidden
   */
  public static long soft(int pid, String row) {
    return column(pid, row, 0);
  }

  /** Returns the hard limit of a process in bytes; see {@link #soft}. */
  public static long hard(int pid, String row) {
    return column(pid, row, 1);
  }

  private static long column(int pid, String row, int column) {
    List<String> lines = ProcFile.lines("/proc/" + pid + "/limits");
    for (String line : lines) {
      if (line.startsWith(row)) {
        String value = line.substring(row.length()).trim().split("\\s+", -1)[column];
        return value.equals("unlimited") ? INFINITY : Long.parseUnsignedLong(value);
      }
    }
    return Errno.check(-Errno.ESRCH, "read '" + row + "' of process " + pid);
  }
}
