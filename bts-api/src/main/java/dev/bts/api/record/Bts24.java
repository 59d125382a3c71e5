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

  /** The size of a record in longs, as which it may also be seen. */
  public static final int RECORD_LONGS = RECORD_BYTES / Long.BYTES;

  /** The long with the address of the branch instruction. */
  public static final int FROM_LONG = FROM_OFFSET / Long.BYTES;

  /** The long with the address branched to. */
  public static final int TO_LONG = TO_OFFSET / Long.BYTES;

  /** The long with flags and, in its upper half, the thread. */
  public static final int FLAGS_AND_TID_LONG = FLAGS_OFFSET / Long.BYTES;

  private static final long LOW_INT = 0xffff_ffffL;

  /** The bit of {@link #FLAGS_OFFSET} that says that the branch was predicted. */
  public static final int FLAG_PREDICTED = 1 << 4;

  private Bts24() {}

  /** Returns the long of flags and thread. */
  public static long flagsAndTid(int flags, int tid) {
    return (flags & LOW_INT) | (long) tid << Integer.SIZE;
  }

  /** Returns where a branch comes from, one of records that stand in a row as longs. */
  public static long from(long[] records, int record) {
    return records[record * RECORD_LONGS + FROM_LONG];
  }

  /** Returns where it leads to. */
  public static long to(long[] records, int record) {
    return records[record * RECORD_LONGS + TO_LONG];
  }

  /** Returns its flags. */
  public static int flags(long[] records, int record) {
    return (int) records[record * RECORD_LONGS + FLAGS_AND_TID_LONG];
  }

  /** Returns its thread. */
  public static int tid(long[] records, int record) {
    return (int) (records[record * RECORD_LONGS + FLAGS_AND_TID_LONG] >>> Integer.SIZE);
  }
}
