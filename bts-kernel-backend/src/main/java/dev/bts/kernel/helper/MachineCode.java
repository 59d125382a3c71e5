package dev.bts.kernel.helper;

import java.io.ByteArrayOutputStream;

/**
 * An assembler for the dozen x86-64 instructions that the helper's program consists of. Encodings
 * are those of the Intel SDM, volume 2.
 */
final class MachineCode {
  /** A general register, by its number in instruction encodings. */
  enum Register {
    RAX(0),
    RDX(2),
    RSP(4),
    RSI(6),
    RDI(7),
    R8(8),
    R9(9),
    R10(10);

    private final int number;

    Register(int number) {
      this.number = number;
    }

    /** The three bits that go into the ModRM byte; the fourth goes into the REX prefix. */
    private int low() {
      return number & 7;
    }

    private boolean extended() {
      return number > 7;
    }
  }

  private static final int REX_W = 0x48;

  /** The bit of REX that extends the reg field of ModRM. */
  private static final int REX_R = 0x04;

  /** ModRM.mod: memory operand with an 8-bit displacement. */
  private static final int MOD_DISP8 = 0x40;

  /** ModRM.mod: register operand. */
  private static final int MOD_REGISTER = 0xc0;

  /** A SIB byte that says: base rsp, no index. An rsp-based operand cannot do without. */
  private static final int SIB_RSP = 0x24;

  private static final int SHORT_JUMP_BYTES = 2;

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  /** Returns the place of the next instruction, for jumps back to it. */
  int here() {
    return code.size();
  }

  /** {@code mov r32, imm32}: clears the upper half of the register too. Not for r8 and above. */
  MachineCode move(Register to, int value) {
    emit(0xb8 + to.low());
    return int32(value);
  }

  /** {@code mov r64, r64}. Not for r8 and above. */
  MachineCode move(Register to, Register from) {
    return emit(REX_W, 0x89, MOD_REGISTER | from.low() << 3 | to.low());
  }

  /** {@code mov r64, [rsp + disp8]}. */
  MachineCode loadFromStack(Register to, int offset) {
    int rex = REX_W | (to.extended() ? REX_R : 0);
    return emit(rex, 0x8b, MOD_DISP8 | to.low() << 3 | Register.RSP.low(), SIB_RSP, offset);
  }

  /** {@code mov [rsp + disp8], r64}. Not for r8 and above. */
  MachineCode storeToStack(int offset, Register from) {
    return emit(REX_W, 0x89, MOD_DISP8 | from.low() << 3 | Register.RSP.low(), SIB_RSP, offset);
  }

  /** {@code sub rsp, imm8}. */
  MachineCode reserveStack(int bytes) {
    return emit(REX_W, 0x83, MOD_REGISTER | 5 << 3 | Register.RSP.low(), bytes);
  }

  /** {@code cmp eax, imm32}. */
  MachineCode compareEax(int value) {
    emit(0x3d);
    return int32(value);
  }

  /** {@code syscall}. */
  MachineCode systemCall() {
    return emit(0x0f, 0x05);
  }

  /** {@code je rel8} over the given code, and the code. */
  MachineCode unlessEqual(MachineCode skipped) {
    byte[] body = skipped.bytes();
    emit(0x74, body.length);
    code.writeBytes(body);
    return this;
  }

  /** {@code jmp rel8} back to a place. */
  MachineCode jumpBack(int place) {
    return emit(0xeb, place - (here() + SHORT_JUMP_BYTES));
  }

  byte[] bytes() {
    return code.toByteArray();
  }

  private MachineCode emit(int... bytes) {
    for (int b : bytes) {
      code.write(b);
    }
    return this;
  }

  private MachineCode int32(int value) {
    return emit(value, value >> 8, value >> 16, value >> 24);
  }
}
