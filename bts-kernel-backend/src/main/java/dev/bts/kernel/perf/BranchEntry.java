package dev.bts.kernel.perf;

/** The layout of struct perf_branch_entry (linux/perf_event.h): offsets in bytes. */
public final class BranchEntry {
  /** The address of the branch instruction, u64. */
  public static final int FROM_OFFSET = 0;

  /** The address branched to, u64. */
  public static final int TO_OFFSET = 8;

  /** Bits, u64: see FLAG_… . */
  public static final int FLAGS_OFFSET = 16;

  /** The size of one entry. */
  public static final int BYTES = 24;

  /** The branch was mispredicted. */
  public static final int FLAG_MISPREDICTED = 1;

  /** The branch was predicted; where neither bit is set the hardware does not tell. */
  public static final int FLAG_PREDICTED = 1 << 1;

  private BranchEntry() {}
}
