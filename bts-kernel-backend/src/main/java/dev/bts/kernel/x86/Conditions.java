package dev.bts.kernel.x86;

/**
 * The sixteen condition codes of jcc, setcc and cmovcc, the low four bits of their opcodes (APM
 * volume 3, section 1.2.5).
 */
public final class Conditions {
  /** RFLAGS bit of the carry flag. */
  static final long CARRY = 1L << 0;

  /** RFLAGS bit of the parity flag. */
  static final long PARITY = 1L << 2;

  /** RFLAGS bit of the zero flag. */
  static final long ZERO = 1L << 6;

  /** RFLAGS bit of the sign flag. */
  static final long SIGN = 1L << 7;

  /** RFLAGS bit of the overflow flag. */
  static final long OVERFLOW = 1L << 11;

  private static final int CODES = 16;

  private Conditions() {}

  /**
   * Returns whether a condition is true.
   *
   * @param conditionCode 0 (overflow) to 15 (greater); odd codes negate the even ones before them
   * @param rflags the flags register
   */
  public static boolean holds(int conditionCode, long rflags) {
    if (conditionCode < 0 || conditionCode >= CODES) {
      throw new IllegalArgumentException("no condition code: " + conditionCode);
    }
    boolean signDiffersFromOverflow = ((rflags & SIGN) != 0) != ((rflags & OVERFLOW) != 0);
    boolean even =
        switch (conditionCode >> 1) {
          case 0 -> (rflags & OVERFLOW) != 0;
          case 1 -> (rflags & CARRY) != 0;
          case 2 -> (rflags & ZERO) != 0;
          case 3 -> (rflags & (CARRY | ZERO)) != 0;
          case 4 -> (rflags & SIGN) != 0;
          case 5 -> (rflags & PARITY) != 0;
          case 6 -> signDiffersFromOverflow;
          default -> signDiffersFromOverflow || (rflags & ZERO) != 0;
        };
    return even == ((conditionCode & 1) == 0);
  }
}
