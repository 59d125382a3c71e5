package dev.bts.kernel.sys;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The layout of struct perf_event_attr (linux/perf_event.h), as far as an event that counts nothing
 * needs it, and the settings of perf.
 */
public final class PerfEvent {
  /** The size of the first version of struct perf_event_attr, PERF_ATTR_SIZE_VER0. */
  private static final int ATTRIBUTE_BYTES = 64;

  private static final int TYPE_OFFSET = 0;
  private static final int SIZE_OFFSET = 4;
  private static final int CONFIG_OFFSET = 8;
  private static final int FLAGS_OFFSET = 40;

  /** PERF_TYPE_SOFTWARE. */
  private static final int TYPE_SOFTWARE = 1;

  /** PERF_COUNT_SW_DUMMY: counts nothing. */
  private static final long SOFTWARE_DUMMY = 9;

  private static final long DISABLED = 1;

  /** Without it, perf_event_paranoid 2 refuses ordinary users. */
  private static final long EXCLUDE_KERNEL = 1 << 5;

  private static final long EXCLUDE_HYPERVISOR = 1 << 6;

  private static final String MLOCK_KB = "/proc/sys/kernel/perf_event_mlock_kb";
  private static final String PARANOID = "/proc/sys/kernel/perf_event_paranoid";
  private static final String ONLINE_CPUS = "/sys/devices/system/cpu/online";
  private static final long BYTES_PER_KB = 1024;

  private PerfEvent() {}

  /** Returns the attribute of a software event that is disabled and counts nothing. */
  public static byte[] dummy() {
    ByteBuffer attribute = ByteBuffer.allocate(ATTRIBUTE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    attribute.putInt(TYPE_OFFSET, TYPE_SOFTWARE);
    attribute.putInt(SIZE_OFFSET, ATTRIBUTE_BYTES);
    attribute.putLong(CONFIG_OFFSET, SOFTWARE_DUMMY);
    attribute.putLong(FLAGS_OFFSET, DISABLED | EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR);
    return attribute.array();
  }

  /**
   * Returns how many pages each user may map for rings before its RLIMIT_MEMLOCK counts:
   * perf_event_mlock_kb for each online CPU (kernel/events/core.c, perf_mmap).
   *
   * @throws KernelException if this kernel has no perf
   */
  public static long giftPages() {
    long kilobytes = Long.parseLong(setting(MLOCK_KB));
    return kilobytes * BYTES_PER_KB / Mapping.PAGE_BYTES * onlineCpus(setting(ONLINE_CPUS));
  }

  /**
   * Returns perf_event_paranoid; -1 lifts the limit on pinned_vm.
   *
   * @throws KernelException if this kernel has no perf
   */
  public static int paranoid() {
    return Integer.parseInt(setting(PARANOID));
  }

  /** Returns how many CPUs a list such as {@code 0-2,5} names. */
  static long onlineCpus(String list) {
    long cpus = 0;
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", 2);
      cpus += Long.parseLong(ends[ends.length - 1]) - Long.parseLong(ends[0]) + 1;
    }
    return cpus;
  }

  private static String setting(String path) {
    List<String> lines = ProcFile.lines(path);
    if (lines.isEmpty()) {
      throw new KernelException(
          new Explanation(
              "read " + path, "it is not there", "use a kernel with CONFIG_PERF_EVENTS"),
          Errno.ENOENT);
    }
    return lines.get(0).trim();
  }
}
