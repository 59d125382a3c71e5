package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Bytes of code in tests, written as objdump prints them. */
final class Code {
  /** The address that tests decode for unless they say otherwise. */
  static final long ADDRESS = 0x40_1000;

  private static final HexFormat SPACED = HexFormat.ofDelimiter(" ");

  private Code() {}

  static byte[] bytes(String hex) {
    return SPACED.parseHex(hex);
  }

  /** Decodes bytes that must be one complete instruction, for an AMD processor. */
  static Instruction decode(String hex) {
    return decode(Vendor.AMD, hex);
  }

  /** Decodes bytes that must be one complete instruction. */
  static Instruction decode(Vendor vendor, String hex) {
    Instruction instruction = new Instruction();
    byte[] code = bytes(hex);
    DecodeStatus status =
        new Decoder(vendor).decode(ByteBuffer.wrap(code), 0, code.length, ADDRESS, instruction);
    assertThat(status).as(hex).isEqualTo(DecodeStatus.COMPLETE);
    assertThat(instruction.length()).as("length of " + hex).isEqualTo(code.length);
    return instruction;
  }

  /** Returns the status that bytes decode to, for an AMD processor. */
  static DecodeStatus status(String hex) {
    byte[] code = bytes(hex);
    return new Decoder(Vendor.AMD)
        .decode(ByteBuffer.wrap(code), 0, code.length, ADDRESS, new Instruction());
  }
}
