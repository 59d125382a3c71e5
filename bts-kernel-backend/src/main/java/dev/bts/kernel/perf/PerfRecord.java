package dev.bts.kernel.perf;

/**
 * The layout of the records that the kernel writes into a ring (linux/perf_event.h, enum
 * perf_event_type): offsets in bytes from the start of the record, types, and bits of misc.
 */
public final class PerfRecord {
  /** What the record is, u32. */
  public static final int TYPE_OFFSET = 0;

  /** Bits whose meaning depends on the type, u16. */
  public static final int MISC_OFFSET = 4;

  /** The size of the record with this header, u16. */
  public static final int SIZE_OFFSET = 6;

  /** The size of struct perf_event_header. */
  public static final int HEADER_BYTES = 8;

  /** The largest size that {@link #SIZE_OFFSET} can tell. */
  public static final int BYTES_MAX = 0xFFFF;

  /** A mapping, without its protection. */
  public static final int MMAP = 1;

  /** Records were lost because the ring was full. */
  public static final int LOST = 2;

  /** A thread has a new name. */
  public static final int COMM = 3;

  /** A thread ended. */
  public static final int EXIT = 4;

  /** A thread or process started. */
  public static final int FORK = 7;

  /** A sample. */
  public static final int SAMPLE = 9;

  /** A mapping. */
  public static final int MMAP2 = 10;

  /** Data was added to the AUX area. */
  public static final int AUX = 11;

  /** Tracing into the AUX area begins in a thread. */
  public static final int ITRACE_START = 12;

  /** Samples were lost by the hardware. */
  public static final int LOST_SAMPLES = 13;

  /** A thread arrived on a CPU or left it. */
  public static final int SWITCH = 14;

  /** The same, of an event that is bound to a CPU. */
  public static final int SWITCH_CPU_WIDE = 15;

  /** PERF_RECORD_MISC_USER: the address is one of user space. */
  public static final int MISC_USER = 2;

  /** PERF_RECORD_MISC_MMAP_DATA of {@link #MMAP}: the mapping is not executable. */
  public static final int MISC_MMAP_DATA = 1 << 13;

  /** PERF_RECORD_MISC_COMM_EXEC of {@link #COMM}: the name is that of a new program. */
  public static final int MISC_COMM_EXEC = 1 << 13;

  /** PERF_RECORD_MISC_SWITCH_OUT of the two SWITCH records: the thread left. */
  public static final int MISC_SWITCH_OUT = 1 << 13;

  /** PERF_RECORD_MISC_MMAP_BUILD_ID of {@link #MMAP2}: a build id stands in place of the inode. */
  public static final int MISC_MMAP_BUILD_ID = 1 << 14;

  /** The process of COMM, MMAP, MMAP2, FORK, EXIT and ITRACE_START, u32. */
  public static final int PID_OFFSET = 8;

  /** The thread of COMM, MMAP, MMAP2 and ITRACE_START, u32. */
  public static final int TID_OFFSET = 12;

  /** The name in COMM, ended by a zero byte. */
  public static final int COMM_NAME_OFFSET = 16;

  /** The parent's process in FORK and EXIT, u32. */
  public static final int TASK_PARENT_PID_OFFSET = 12;

  /** The thread of FORK and EXIT, u32. */
  public static final int TASK_TID_OFFSET = 16;

  /** The parent's thread in FORK and EXIT, u32. */
  public static final int TASK_PARENT_TID_OFFSET = 20;

  /** When, in FORK and EXIT, u64. */
  public static final int TASK_TIME_OFFSET = 24;

  /** The size of FORK and EXIT without the sample id. */
  public static final int TASK_BYTES = 32;

  /** Where a mapping starts, u64. */
  public static final int MMAP_START_OFFSET = 16;

  /** How many bytes are mapped, u64. */
  public static final int MMAP_LENGTH_OFFSET = 24;

  /** The offset in the file, u64. */
  public static final int MMAP_FILE_OFFSET_OFFSET = 32;

  /** The file in MMAP, ended by a zero byte. */
  public static final int MMAP_NAME_OFFSET = 40;

  /** The length of the build id in MMAP2, u8. */
  public static final int MMAP2_BUILD_ID_SIZE_OFFSET = 40;

  /** The build id in MMAP2. */
  public static final int MMAP2_BUILD_ID_OFFSET = 44;

  /** The room for the build id in MMAP2: a SHA-1. */
  public static final int BUILD_ID_BYTES = 20;

  /** PROT_… bits in MMAP2, u32. */
  public static final int MMAP2_PROTECTION_OFFSET = 64;

  /** MAP_… bits in MMAP2, u32. */
  public static final int MMAP2_FLAGS_OFFSET = 68;

  /** The file in MMAP2, ended by a zero byte. */
  public static final int MMAP2_NAME_OFFSET = 72;

  /** How many records, in LOST, u64. */
  public static final int LOST_COUNT_OFFSET = 16;

  /** How many samples, in LOST_SAMPLES, u64. */
  public static final int LOST_SAMPLES_COUNT_OFFSET = 8;

  /** How many bytes were added, in AUX, u64. */
  public static final int AUX_SIZE_OFFSET = 16;

  /** AUX_FLAG_… bits in AUX, u64. */
  public static final int AUX_FLAGS_OFFSET = 24;

  /** PERF_AUX_FLAG_TRUNCATED: the area was full, and records are missing behind these. */
  public static final long AUX_FLAG_TRUNCATED = 1;

  /** PERF_AUX_FLAG_OVERWRITE: the area wraps, and only the newest is in it. */
  public static final long AUX_FLAG_OVERWRITE = 1 << 1;

  private PerfRecord() {}
}
