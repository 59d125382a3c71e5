package dev.bts.kernel.x86;

/** A legacy prefix byte of an instruction. REX, VEX, EVEX and XOP are not legacy prefixes. */
public enum Prefix {
  /** LOCK. */
  LOCK(0xf0, 0),
  /** REPNE or REPNZ; the mandatory prefix F2h; XACQUIRE; BND. */
  REPNE(0xf2, 1),
  /** REP, REPE or REPZ; the mandatory prefix F3h; XRELEASE. */
  REP(0xf3, 2),
  /** ES segment, ignored in 64-bit mode. */
  ES(0x26, 3),
  /** CS segment, ignored in 64-bit mode; the hint "not taken" on jcc. */
  CS(0x2e, 4),
  /** SS segment, ignored in 64-bit mode. */
  SS(0x36, 5),
  /** DS segment, ignored in 64-bit mode; the hint "taken" on jcc; NOTRACK on indirect branches. */
  DS(0x3e, 6),
  /** FS segment: the address is relative to the FS base. */
  FS(0x64, 7),
  /** GS segment: the address is relative to the GS base. */
  GS(0x65, 8),
  /** Operand size; the mandatory prefix 66h. */
  OPERAND_SIZE(0x66, 9),
  /** Address size: addresses and the count register are 32 bits wide. */
  ADDRESS_SIZE(0x67, 10);

  private final int encoding;
  private final int bit;

  Prefix(int encoding, int position) {
    this.encoding = encoding;
    this.bit = 1 << position;
  }

  /** Returns the prefix byte. */
  public int encoding() {
    return encoding;
  }

  /** Returns this prefix as a bit of {@link Instruction#prefixes}. */
  int bit() {
    return bit;
  }
}
