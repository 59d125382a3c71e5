package dev.bts.cli.perfdata;

/**
 * Turns the time stamp counter of AUXTRACE records into the nanoseconds of other records, by the
 * numbers of struct perf_event_mmap_page that AUXTRACE_INFO has kept.
 */
record BtsClock(int shift, long multiplier, long zero, boolean known) {
  private static final int SHIFT_MAX = 63;

  static BtsClock read(PerfRecordView info) throws DamagedDataException {
    long shift = info.u64(ToolRecord.BTS_TIME_SHIFT_OFFSET);
    if (shift < 0 || shift > SHIFT_MAX) {
      throw new DamagedDataException("its clock is shifted by " + shift + " bits");
    }
    return new BtsClock(
        (int) shift,
        info.u64(ToolRecord.BTS_TIME_MULT_OFFSET),
        info.u64(ToolRecord.BTS_TIME_ZERO_OFFSET),
        info.u64(ToolRecord.BTS_CAP_USER_TIME_ZERO_OFFSET) != 0);
  }

  /** Returns when the counter had this value; {@code otherwise} if the numbers are not known. */
  long nanos(long counter, long otherwise) {
    if (!known || counter == 0) {
      return otherwise;
    }
    long quotient = counter >>> shift;
    long rest = counter & ((1L << shift) - 1);
    return zero + quotient * multiplier + ((rest * multiplier) >>> shift);
  }
}
