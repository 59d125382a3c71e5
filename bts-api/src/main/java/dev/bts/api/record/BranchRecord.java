package dev.bts.api.record;

/**
 * One taken branch, as a value. For streams of them see {@link BranchCursor}.
 *
 * @param from the address of the branch instruction
 * @param to the address branched to
 * @param flags as in {@link Bts24#FLAGS_OFFSET}
 * @param tid the thread that branched
 */
public record BranchRecord(long from, long to, int flags, int tid) {
  @Override
  public String toString() {
    return Long.toHexString(from) + " -> " + Long.toHexString(to) + " [" + tid + "]";
  }
}
