package dev.bts.kernel.x86;

import java.util.Arrays;

/**
 * An assembler for the few instructions that the small programs of bts consist of; each method
 * appends the instruction that it is named for. Encodings are those of the Intel SDM, volume 2.
 *
 * <p>Offsets count from where the code's data does: the first instruction has the offset that the
 * constructor is given, and data is referred to relative to the instruction pointer.
 */
public final class Assembler {
  /** A general register, by its number in instruction encodings. */
  public enum Register {
    /** rax. */
    RAX(0),
    /** rcx. */
    RCX(1),
    /** rdx. */
    RDX(2),
    /** rbx. */
    RBX(3),
    /** rsp. */
    RSP(4),
    /** rsi. */
    RSI(6),
    /** rdi. */
    RDI(7),
    /** r8. */
    R8(8),
    /** r9. */
    R9(9),
    /** r10. */
    R10(10),
    /** r11. */
    R11(11);

    private final int number;

    Register(int number) {
      this.number = number;
    }

    /** The three bits that go into ModRM or the opcode; the fourth goes into the REX prefix. */
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

  /** REX with the bit that extends the rm field of ModRM, or the register in the opcode. */
  private static final int REX_B = 0x41;

  /** ModRM.mod and rm: memory relative to the instruction pointer. */
  private static final int MOD_RELATIVE = 0x05;

  /** ModRM.mod: memory operand with an 8-bit displacement. */
  private static final int MOD_DISP8 = 0x40;

  /** ModRM.mod: memory operand with a 32-bit displacement. */
  private static final int MOD_DISP32 = 0x80;

  /** ModRM.mod: register operand. */
  private static final int MOD_REGISTER = 0xc0;

  /** A SIB byte that says: base rsp, no index. An rsp-based operand cannot do without. */
  private static final int SIB_RSP = 0x24;

  private static final int DISPLACEMENT_BYTES = 4;
  private static final int BYTES_MAX = 512;

  private final byte[] code = new byte[BYTES_MAX];
  private final int origin;
  private int size;

  /** Starts code whose first instruction has this offset. */
  public Assembler(int origin) {
    this.origin = origin;
  }

  /** Returns the offset of the next instruction. */
  public int here() {
    return origin + size;
  }

  /** Returns the code so far. */
  public byte[] bytes() {
    return Arrays.copyOf(code, size);
  }

  /** {@code mov r32, imm32}: clears the upper half of the register too; flags stay. */
  public Assembler move(Register to, int value) {
    if (to.extended()) {
      emit(REX_B);
    }
    return emit(0xb8 | to.low()).int32(value);
  }

  /** {@code mov r64, r64}. Not for r8 and above. */
  public Assembler move(Register to, Register from) {
    return emit(REX_W, 0x89, MOD_REGISTER | from.low() << 3 | to.low());
  }

  /** {@code mov r64, [rip + data]}. */
  public Assembler load(Register to, int dataOffset) {
    return emit(wide(to), 0x8b, MOD_RELATIVE | to.low() << 3).relative(dataOffset);
  }

  /** {@code lea r64, [rip + data]}. */
  public Assembler address(Register to, int dataOffset) {
    return emit(wide(to), 0x8d, MOD_RELATIVE | to.low() << 3).relative(dataOffset);
  }

  /** {@code mov r64, [rsp + disp8]}. */
  public Assembler loadFromStack(Register to, int offset) {
    return emit(wide(to), 0x8b, MOD_DISP8 | to.low() << 3 | Register.RSP.low(), SIB_RSP, offset);
  }

  /** {@code mov [rsp + disp8], r64}. */
  public Assembler storeToStack(int offset, Register from) {
    return emit(
        wide(from), 0x89, MOD_DISP8 | from.low() << 3 | Register.RSP.low(), SIB_RSP, offset);
  }

  /** {@code mov eax, [base + disp8]}. Not for rsp, r8 and above. */
  public Assembler loadEax(Register base, int displacement) {
    return emit(0x8b, MOD_DISP8 | base.low(), displacement);
  }

  /** {@code and dword [base + disp32], imm32}. Not for rsp, r8 and above. */
  public Assembler and(Register base, int displacement, int mask) {
    return emit(0x81, MOD_DISP32 | 4 << 3 | base.low()).int32(displacement).int32(mask);
  }

  /** {@code sub rsp, imm8}. */
  public Assembler reserveStack(int bytes) {
    return emit(REX_W, 0x83, MOD_REGISTER | 5 << 3 | Register.RSP.low(), bytes);
  }

  /** {@code add rsp, imm8}. */
  public Assembler releaseStack(int bytes) {
    return emit(REX_W, 0x83, MOD_REGISTER | Register.RSP.low(), bytes);
  }

  /** {@code sub eax, imm8}. */
  public Assembler subtractFromEax(int value) {
    return emit(0x83, MOD_REGISTER | 5 << 3 | Register.RAX.low(), value);
  }

  /** {@code cmp eax, imm32}. */
  public Assembler compareEax(int value) {
    return emit(0x3d).int32(value);
  }

  /** {@code syscall}. */
  public Assembler systemCall() {
    return emit(0x0f, 0x05);
  }

  /** {@code jmp [rip + data]}. */
  public Assembler jumpThrough(int dataOffset) {
    return emit(0xff, MOD_RELATIVE | 4 << 3).relative(dataOffset);
  }

  /** {@code jmp rel8} back to an offset. */
  public Assembler jumpBack(int offset) {
    int site = jump();
    code[site - 1] = (byte) (offset - here());
    return this;
  }

  /** {@code jmp rel8} forward to a place that is not yet known; returns the site to land. */
  public int jump() {
    return emit(0xeb, 0).size;
  }

  /** {@code je rel8} forward; returns the site for {@link #land}. */
  public int jumpIfEqual() {
    return emit(0x74, 0).size;
  }

  /** {@code ja rel8} forward; returns the site for {@link #land}. */
  public int jumpIfAbove() {
    return emit(0x77, 0).size;
  }

  /** Makes the jump of that site land on the next instruction. */
  public void land(int site) {
    code[site - 1] = (byte) (size - site);
  }

  private static int wide(Register reg) {
    return REX_W | (reg.extended() ? REX_R : 0);
  }

  private Assembler relative(int dataOffset) {
    return int32(dataOffset - (here() + DISPLACEMENT_BYTES));
  }

  private Assembler emit(int... bytes) {
    for (int b : bytes) {
      code[size++] = (byte) b;
    }
    return this;
  }

  private Assembler int32(int value) {
    return emit(value, value >> 8, value >> 16, value >> 24);
  }
}
