package dev.bts.cli.trace;

/**
 * The bounds of format version 1. The writer keeps them; the reader refuses what exceeds them
 * before it allocates anything.
 */
final class FormatLimits {
  /** Branch records in one block. */
  static final int RECORDS_PER_BLOCK = 1 << 18;

  /** Side events in one block. */
  static final int EVENTS_PER_BLOCK = 1 << 16;

  /** Distinct threads with branches in one block. */
  static final int THREADS_PER_BLOCK = 1 << 12;

  /** Runs and events, in stream order, in one block. */
  static final int ITEMS_PER_BLOCK = 1 << 20;

  /** The uncompressed content of a block in bytes; no legal block reaches it. */
  static final int CONTENT_BYTES = 1 << 24;

  /** Encoded side events, in bytes, after which a block is closed. */
  static final int EVENT_BYTES_SOFT = 1 << 20;

  /** Blocks in one file: 2.7e11 branches in full blocks. */
  static final int BLOCKS = 1 << 20;

  /** Blocks that one index block lists. */
  static final int BLOCKS_PER_INDEX = 1 << 12;

  /** A string in bytes of UTF-8: the kernel's PATH_MAX. Longer ones are cut. */
  static final int STRING_BYTES = 4096;

  /** Arguments of the command that the header keeps. */
  static final int ARGUMENTS = 256;

  /** Facts about the machine that the header keeps. */
  static final int FACTS = 256;

  /** Charges of one receipt. */
  static final int CHARGES = 256;

  /**
   * Age of an unwritten block, after which it is written at the next call though it is not full.
   */
  static final long BLOCK_AGE_NANOS = 5_000_000_000L;

  private FormatLimits() {}
}
