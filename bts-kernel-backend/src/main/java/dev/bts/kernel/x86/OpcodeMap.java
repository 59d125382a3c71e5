package dev.bts.kernel.x86;

/** The table an opcode byte is looked up in, chosen by the escape bytes or prefix before it. */
public enum OpcodeMap {
  /** One-byte opcodes. */
  PRIMARY(Encoding.LEGACY, LegacyOpcodes.primary()),
  /** After 0Fh. 3DNow! (0F 0F) is one opcode here; its suffix is the immediate. */
  SECONDARY(Encoding.LEGACY, LegacyOpcodes.secondary()),
  /** After 0Fh 38h. */
  ESCAPE_38(Encoding.LEGACY, LegacyOpcodes.escape38()),
  /** After 0Fh 3Ah. */
  ESCAPE_3A(Encoding.LEGACY, LegacyOpcodes.escape3A()),
  /** VEX map 1, the encodings of 0Fh. */
  VEX_1(Encoding.VEX, VectorOpcodes.vex1()),
  /** VEX map 2, the encodings of 0Fh 38h. */
  VEX_2(Encoding.VEX, VectorOpcodes.vex2()),
  /** VEX map 3, the encodings of 0Fh 3Ah. */
  VEX_3(Encoding.VEX, VectorOpcodes.vex3()),
  /** EVEX map 1, the encodings of 0Fh. */
  EVEX_1(Encoding.EVEX, VectorOpcodes.evex1()),
  /** EVEX map 2, the encodings of 0Fh 38h. */
  EVEX_2(Encoding.EVEX, VectorOpcodes.evex2()),
  /** EVEX map 3, the encodings of 0Fh 3Ah. */
  EVEX_3(Encoding.EVEX, VectorOpcodes.evex3()),
  /** EVEX map 5, half-precision arithmetic. */
  EVEX_5(Encoding.EVEX, VectorOpcodes.evex5()),
  /** EVEX map 6, half-precision arithmetic. */
  EVEX_6(Encoding.EVEX, VectorOpcodes.evex6()),
  /** XOP map 8, with an 8-bit immediate. */
  XOP_8(Encoding.XOP, VectorOpcodes.xop8()),
  /** XOP map 9, without immediate. */
  XOP_9(Encoding.XOP, VectorOpcodes.xop9()),
  /** XOP map 10, with a 32-bit immediate. */
  XOP_10(Encoding.XOP, VectorOpcodes.xop10());

  /** The way prefix, map and registers are packed. */
  public enum Encoding {
    /** Legacy prefixes, REX and escape bytes. */
    LEGACY,
    /** A prefix C4h or C5h. */
    VEX,
    /** A prefix 62h. */
    EVEX,
    /** A prefix 8Fh. */
    XOP
  }

  private final Encoding encoding;

  // An array for the sake of speed; written nowhere after the constructor.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Opcode[] opcodes;

  OpcodeMap(Encoding encoding, Opcode[] opcodes) {
    this.encoding = encoding;
    this.opcodes = opcodes;
  }

  /** Returns how instructions of this map are packed. */
  public Encoding encoding() {
    return encoding;
  }

  /** Returns what an opcode byte means in this map. */
  Opcode lookUp(int opcode) {
    return opcodes[opcode];
  }
}
