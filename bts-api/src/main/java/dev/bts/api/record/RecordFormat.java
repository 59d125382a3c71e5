package dev.bts.api.record;

/** How branch records are laid out in a buffer. */
public enum RecordFormat {
  /**
   * The 64-bit BTS record of the Intel SDM (volume 3, 19.4.9, "BTS and DS Save Area"): from, to,
   * flags, 8 bytes each, little endian. bts puts the thread id in the upper half of flags, which
   * the hardware leaves zero; see {@link Bts24}.
   */
  BTS24(Bts24.RECORD_BYTES);

  private final int recordBytes;

  RecordFormat(int recordBytes) {
    this.recordBytes = recordBytes;
  }

  /** Returns the size of one record in bytes. */
  public int recordBytes() {
    return recordBytes;
  }
}
