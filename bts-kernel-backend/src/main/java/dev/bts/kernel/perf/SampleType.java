package dev.bts.kernel.perf;

/**
 * What a PERF_RECORD_SAMPLE consists of, PERF_SAMPLE_… of linux/perf_event.h: the parts follow each
 * other in the order of these constants, as far as their bit is set in the event's sample_type.
 */
public final class SampleType {
  /** The id of the event, u64, at a place that needs no other bit to be known. */
  public static final long IDENTIFIER = 1L << 16;

  /** The instruction pointer, u64. */
  public static final long IP = 1;

  /** Process and thread, u32 each. */
  public static final long TID = 1 << 1;

  /** Nanoseconds on the event's clock, u64. */
  public static final long TIME = 1 << 2;

  /** A data address, u64. */
  public static final long ADDR = 1 << 3;

  /** The id of the event, u64. */
  public static final long ID = 1 << 6;

  /** The id of the event as opened on one CPU and thread, u64. */
  public static final long STREAM_ID = 1 << 9;

  /** The CPU, u32, and four bytes without meaning. */
  public static final long CPU = 1 << 7;

  /** Events since the sample before, u64. */
  public static final long PERIOD = 1 << 8;

  /** Values of counters, by read_format. */
  public static final long READ = 1 << 4;

  /** A u64 count and so many addresses. */
  public static final long CALLCHAIN = 1 << 5;

  /** A u32 count and so many bytes. */
  public static final long RAW = 1 << 10;

  /**
   * A u64 count, a u64 if {@link #BRANCH_HW_INDEX} is set, and the entries: {@link BranchEntry}.
   */
  public static final long BRANCH_STACK = 1 << 11;

  /** PERF_SAMPLE_BRANCH_USER of branch_sample_type. */
  public static final long BRANCH_USER = 1;

  /** PERF_SAMPLE_BRANCH_ANY of branch_sample_type. */
  public static final long BRANCH_ANY = 1 << 3;

  /** PERF_SAMPLE_BRANCH_HW_INDEX of branch_sample_type. */
  public static final long BRANCH_HW_INDEX = 1 << 17;

  private SampleType() {}
}
