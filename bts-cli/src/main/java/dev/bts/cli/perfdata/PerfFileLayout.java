package dev.bts.cli.perfdata;

/**
 * Offsets of the fixed-size structures of a perf.data file (tools/perf/util/header.h), in bytes;
 * and the numbers of its features.
 */
final class PerfFileLayout {
  /** {@code PERFILE2}, little endian. */
  static final long MAGIC = 0x3245_4C49_4652_4550L;

  /** {@code PERFFILE}, the format before 2010. */
  static final long MAGIC_1 = 0x454C_4946_4652_4550L;

  static final int MAGIC_OFFSET = 0; // u64
  static final int SIZE_OFFSET = 8; // u64, of this header
  static final int PIPE_BYTES = 16;
  static final int ATTR_SIZE_OFFSET = 16; // u64
  static final int ATTRS_OFFSET = 24; // section
  static final int DATA_OFFSET = 40; // section
  static final int EVENT_TYPES_OFFSET = 56; // section, empty since 2012
  static final int FEATURES_OFFSET = 72; // 256 bits
  static final int BYTES = 104;

  static final int SECTION_OFFSET_OFFSET = 0; // u64, from the start of the file
  static final int SECTION_SIZE_OFFSET = 8; // u64
  static final int SECTION_BYTES = 16;

  static final int FEATURE_BITS = 256;
  static final int FEATURE_BUILD_ID = 2;
  static final int FEATURE_HOSTNAME = 3;
  static final int FEATURE_OSRELEASE = 4;
  static final int FEATURE_VERSION = 5;
  static final int FEATURE_ARCH = 6;
  static final int FEATURE_CPUDESC = 8;
  static final int FEATURE_CPUID = 9;
  static final int FEATURE_CMDLINE = 11;
  static final int FEATURE_BRANCH_STACK = 15;
  static final int FEATURE_AUXTRACE = 18;

  /** A build id event, in the feature and as a record: offsets from its start, with the header. */
  static final int BUILD_ID_OFFSET = 12;

  static final int BUILD_ID_SIZE_OFFSET = 32; // u8, if MISC_BUILD_ID_SIZE is set
  static final int BUILD_ID_NAME_OFFSET = 36;

  /** PERF_RECORD_MISC_BUILD_ID_SIZE. */
  static final int MISC_BUILD_ID_SIZE = 1 << 15;

  private PerfFileLayout() {}
}
