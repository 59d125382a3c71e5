package dev.bts.kernel.perf;

/**
 * The layout of struct perf_event_attr (linux/perf_event.h): offsets in bytes. The structure has
 * grown over the years; what lies behind its own size counts as zero.
 */
public final class PerfEventAttr {
  /** The PMU, u32. */
  public static final int TYPE_OFFSET = 0;

  /** The size of this structure as its writer knew it, u32. */
  public static final int SIZE_OFFSET = 4;

  /** Which event of the PMU, u64. */
  public static final int CONFIG_OFFSET = 8;

  /** Events between two samples, u64. */
  public static final int SAMPLE_PERIOD_OFFSET = 16;

  /** What a sample consists of, u64: see {@link SampleType}. */
  public static final int SAMPLE_TYPE_OFFSET = 24;

  /** What a counter's value consists of, u64: READ_FORMAT_… bits. */
  public static final int READ_FORMAT_OFFSET = 32;

  /** Bits, u64: FLAG_… . */
  public static final int FLAGS_OFFSET = 40;

  /** Which branches a branch stack holds, u64: see {@link SampleType}. */
  public static final int BRANCH_SAMPLE_TYPE_OFFSET = 72;

  /** PERF_ATTR_SIZE_VER0, the first version (Linux 2.6.31). */
  public static final int BYTES_VER0 = 64;

  /** PERF_ATTR_SIZE_VER5, the version with aux_watermark (Linux 4.1). */
  public static final int BYTES_VER5 = 112;

  /** The size that is read at most; PERF_ATTR_SIZE_VER8 is 136. */
  public static final int BYTES_MAX = 4096;

  /** PERF_FORMAT_TOTAL_TIME_ENABLED. */
  public static final long READ_FORMAT_TIME_ENABLED = 1;

  /** PERF_FORMAT_TOTAL_TIME_RUNNING. */
  public static final long READ_FORMAT_TIME_RUNNING = 1 << 1;

  /** PERF_FORMAT_ID. */
  public static final long READ_FORMAT_ID = 1 << 2;

  /** PERF_FORMAT_GROUP. */
  public static final long READ_FORMAT_GROUP = 1 << 3;

  /** PERF_FORMAT_LOST. */
  public static final long READ_FORMAT_LOST = 1 << 4;

  /** disabled: count when it is said so, and not from the opening on. */
  public static final long FLAG_DISABLED = 1;

  /** exclude_kernel: count in user space only. */
  public static final long FLAG_EXCLUDE_KERNEL = 1L << 5;

  /** exclude_hv. */
  public static final long FLAG_EXCLUDE_HV = 1L << 6;

  /** mmap: record mappings of code. */
  public static final long FLAG_MMAP = 1L << 8;

  /** comm: record names. */
  public static final long FLAG_COMM = 1L << 9;

  /** task: record forks and exits. */
  public static final long FLAG_TASK = 1L << 13;

  /** sample_id_all: every record, not only samples, ends with time, thread and so on. */
  public static final long FLAG_SAMPLE_ID_ALL = 1L << 18;

  /** mmap2: record mappings with inode, protection and, if asked for, build id. */
  public static final long FLAG_MMAP2 = 1L << 23;

  /** comm_exec: tell an exec from another change of name. */
  public static final long FLAG_COMM_EXEC = 1L << 24;

  /** PERF_TYPE_HARDWARE. */
  public static final int TYPE_HARDWARE = 0;

  /** PERF_TYPE_SOFTWARE. */
  public static final int TYPE_SOFTWARE = 1;

  /** PERF_COUNT_HW_BRANCH_INSTRUCTIONS of PERF_TYPE_HARDWARE. */
  public static final long CONFIG_HARDWARE_BRANCHES = 4;

  /** PERF_COUNT_SW_DUMMY of PERF_TYPE_SOFTWARE: counts nothing. */
  public static final long CONFIG_SOFTWARE_DUMMY = 9;

  private PerfEventAttr() {}
}
