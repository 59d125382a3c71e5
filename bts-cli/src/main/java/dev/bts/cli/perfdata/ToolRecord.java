package dev.bts.cli.perfdata;

/**
 * The records that the tool perf adds to those of the kernel (enum perf_user_event_type of
 * tools/lib/perf/include/perf/event.h): types, and offsets in bytes from the start of the record.
 */
final class ToolRecord {
  /** The types from here on are the tool's. */
  static final int FIRST = 64;

  static final int HEADER_ATTR = 64;
  static final int TRACING_DATA = 66;
  static final int BUILD_ID = 67;
  static final int FINISHED_ROUND = 68;
  static final int AUXTRACE_INFO = 70;
  static final int AUXTRACE = 71;
  static final int HEADER_FEATURE = 80;
  static final int COMPRESSED = 81;

  static final int TRACING_DATA_SIZE_OFFSET = 8; // u32, of what follows the record
  static final int FEATURE_ID_OFFSET = 8; // u64
  static final int FEATURE_DATA_OFFSET = 16;

  static final int AUXTRACE_INFO_TYPE_OFFSET = 8; // u32
  static final int AUXTRACE_TYPE_INTEL_PT = 1;
  static final int AUXTRACE_TYPE_INTEL_BTS = 2;

  /** The private part of AUXTRACE_INFO for BTS (tools/perf/util/intel-bts.h), u64 each. */
  static final int BTS_PMU_TYPE_OFFSET = 16;

  static final int BTS_TIME_SHIFT_OFFSET = 24;
  static final int BTS_TIME_MULT_OFFSET = 32;
  static final int BTS_TIME_ZERO_OFFSET = 40;
  static final int BTS_CAP_USER_TIME_ZERO_OFFSET = 48;
  static final int BTS_SNAPSHOT_MODE_OFFSET = 56;
  static final int AUXTRACE_INFO_BTS_BYTES = 64;

  static final int AUXTRACE_SIZE_OFFSET = 8; // u64, of what follows the record
  static final int AUXTRACE_AREA_OFFSET_OFFSET = 16; // u64
  static final int AUXTRACE_REFERENCE_OFFSET = 24; // u64, time stamp counter
  static final int AUXTRACE_IDX_OFFSET = 32; // u32
  static final int AUXTRACE_TID_OFFSET = 36; // u32, -1 if the buffer is a CPU's
  static final int AUXTRACE_CPU_OFFSET = 40; // u32, -1 if the buffer is a thread's
  static final int AUXTRACE_BYTES = 48;

  private ToolRecord() {}
}
