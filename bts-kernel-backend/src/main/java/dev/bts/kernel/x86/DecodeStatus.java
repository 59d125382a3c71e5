package dev.bts.kernel.x86;

/** How an attempt to decode one instruction ended. */
public enum DecodeStatus {
  /** The instruction is complete and known. */
  COMPLETE,
  /**
   * The bytes up to the limit are the beginning of an instruction: to be tried again with more of
   * them, for example with the next page.
   */
  TRUNCATED,
  /** The bytes are no instruction of 64-bit mode, or none that this decoder knows. */
  INVALID
}
