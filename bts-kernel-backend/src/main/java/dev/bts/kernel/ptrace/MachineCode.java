package dev.bts.kernel.ptrace;

import java.util.Arrays;

/**
 * A few instructions of x86-64 machine code under construction, placed at a known offset from the
 * data that they refer to. Each method appends the instruction it is named for.
 */
final class MachineCode {
  /** Register numbers as instructions encode them. */
  static final int RAX = 0;

  static final int RCX = 1;
  static final int RDX = 2;
  static final int RBX = 3;
  static final int RSI = 6;
  static final int RDI = 7;
  static final int R8 = 8;
  static final int R9 = 9;
  static final int R10 = 10;
  static final int R11 = 11;

  private static final int DISPLACEMENT_BYTES = 4;
  private static final int REGISTER_MASK = 7;

  private static final int BYTES_MAX = 512;

  private final byte[] code = new byte[BYTES_MAX];
  private final int origin;
  private int size;

  /** Starts code whose first byte lies {@code origin} bytes after the place data offsets count. */
  MachineCode(int origin) {
    this.origin = origin;
  }

  /** Returns the offset of the next instruction, counted as the data offsets are. */
  int here() {
    return origin + size;
  }

  byte[] bytes() {
    return Arrays.copyOf(code, size);
  }

  private MachineCode emit(int... bytes) {
    for (int b : bytes) {
      code[size++] = (byte) b;
    }
    return this;
  }

  private MachineCode emit32(int value) {
    return emit(value, value >> 8, value >> 16, value >> 24);
  }

  private MachineCode relative(int dataOffset) {
    return emit32(dataOffset - (here() + DISPLACEMENT_BYTES));
  }

  private static int rexForReg(int register) {
    return 0x48 | (register > REGISTER_MASK ? 4 : 0);
  }

  /** {@code syscall}. */
  MachineCode syscall() {
    return emit(0x0f, 0x05);
  }

  /** {@code mov r32, imm32}: the upper half becomes zero; flags stay. */
  MachineCode move(int register, int value) {
    if (register > REGISTER_MASK) {
      emit(0x41);
    }
    return emit(0xb8 | (register & REGISTER_MASK)).emit32(value);
  }

  /** {@code mov r32, r32}. */
  MachineCode moveRegister(int to, int from) {
    return emit(0x89, 0xc0 | (from << 3) | to);
  }

  /** {@code mov r64, [rip + data]}. */
  MachineCode load(int register, int dataOffset) {
    return emit(rexForReg(register), 0x8b, 0x05 | ((register & REGISTER_MASK) << 3))
        .relative(dataOffset);
  }

  /** {@code lea r64, [rip + data]}. */
  MachineCode address(int register, int dataOffset) {
    return emit(rexForReg(register), 0x8d, 0x05 | ((register & REGISTER_MASK) << 3))
        .relative(dataOffset);
  }

  /** {@code jmp [rip + data]}. */
  MachineCode jumpThrough(int dataOffset) {
    return emit(0xff, 0x25).relative(dataOffset);
  }

  /** {@code mov eax, [rsi + disp8]}. */
  MachineCode loadEaxFromRsi(int displacement) {
    return emit(0x8b, 0x46, displacement);
  }

  /** {@code sub eax, imm8}. */
  MachineCode subtractFromEax(int value) {
    return emit(0x83, 0xe8, value);
  }

  /** {@code cmp eax, imm8}. */
  MachineCode compareEax(int value) {
    return emit(0x83, 0xf8, value);
  }

  /** {@code ja} to a place that is not yet known; returns the site for {@link #land}. */
  int jumpAbove() {
    emit(0x77, 0);
    return size;
  }

  /** {@code jmp} to a place that is not yet known; returns the site for {@link #land}. */
  int jump() {
    emit(0xeb, 0);
    return size;
  }

  /** Makes the jump of that site land on the next instruction. */
  void land(int site) {
    code[site - 1] = (byte) (size - site);
  }

  /** {@code and dword [rdx + disp32], imm32}. */
  MachineCode andAtRdx(int displacement, int mask) {
    return emit(0x81, 0xa2).emit32(displacement).emit32(mask);
  }

  /** {@code add rsp, imm8}. */
  MachineCode addToRsp(int value) {
    return emit(0x48, 0x83, 0xc4, value);
  }
}
