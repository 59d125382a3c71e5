package dev.bts.api.record;

/** The layout of a {@link RecordFormat#BTS24} record: offsets in bytes, little endian. */
public final class Bts24 {
  /** The address of the branch instruction, u64. */
  public static final int FROM_OFFSET = 0;

  /** The address branched to, u64. */
  public static final int TO_OFFSET = 8;

  /** Flags as the hardware writes them, u32: see {@link #FLAG_PREDICTED} (SDM). */
  public static final int FLAGS_OFFSET = 16;

  /** The thread that branched, u32; zero where the writer is hardware. */
  public static final int TID_OFFSET = 20;

  /** The size of one record. */
  public static final int RECORD_BYTES = 24;

  /** The bit of {@link #FLAGS_OFFSET} that says that the branch was predicted. */
  public static final int FLAG_PREDICTED = 1 << 4;

  private Bts24() {}
}
