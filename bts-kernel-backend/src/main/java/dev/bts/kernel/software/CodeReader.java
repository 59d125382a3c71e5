package dev.bts.kernel.software;

import dev.bts.kernel.x86.DecodeStatus;
import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Instruction;
import java.nio.ByteBuffer;

/** A place in a program's code, from which it is read instruction by instruction. */
final class CodeReader {
  private static final int BYTES_MAX = 1024;

  private final CodeSource source;
  private final Decoder decoder;
  private final Instruction instruction = new Instruction();
  private long start;
  private int offset;
  private ByteBuffer code = ByteBuffer.allocate(0);

  CodeReader(CodeSource source, Decoder decoder) {
    this.source = source;
    this.decoder = decoder;
  }

  /** Goes to an address. */
  void goTo(long address) {
    start = address;
    offset = 0;
    code = source.read(address, BYTES_MAX);
  }

  /** Returns the address of the next instruction. */
  long address() {
    return start + offset;
  }

  /** Decodes the next instruction without going on; returns whether there is one. */
  boolean decode() {
    if (offset > 0 && code.limit() - offset < Instruction.MAX_LENGTH) {
      goTo(address());
    }
    DecodeStatus status = decoder.decode(code, offset, code.limit(), address(), instruction);
    return status == DecodeStatus.COMPLETE;
  }

  /** Returns whether the next instruction may be such as programs write while they run. */
  boolean isWrittenByProgram() {
    return source.isWrittenByProgram(address());
  }

  /** Returns the instruction that was decoded last. */
  Instruction instruction() {
    return instruction;
  }

  /** Returns bytes with the next instruction among them, valid until the reader goes elsewhere. */
  ByteBuffer bytes() {
    return code;
  }

  /** Returns where in the bytes the next instruction begins. */
  int offset() {
    return offset;
  }

  /** Goes on behind the instruction that was decoded last. */
  void advance() {
    offset += instruction.length();
  }
}
