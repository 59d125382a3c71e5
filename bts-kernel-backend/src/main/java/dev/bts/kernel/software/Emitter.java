package dev.bts.kernel.software;

import java.nio.ByteBuffer;

/**
 * Writes the instructions that are added to the program's own into an arena. None of them writes a
 * flag. Encodings are those of the Intel SDM, volume 2.
 */
class Emitter {
  /** Numbers of registers in encodings. */
  static final int RAX = 0;

  static final int RCX = 1;
  static final int RDX = 2;

  /** The size of {@link #load} and {@link #store}. */
  static final int ACCESS_BYTES = 9;

  /** The size of a jump with a 32-bit displacement. */
  static final int JUMP_BYTES = 5;

  private static final int GS = 0x65;
  private static final int REX_W = 0x48;

  /** ModRM.rm: a SIB byte follows; and that byte for an absolute address. */
  private static final int SIB = 4;

  private static final int ABSOLUTE = 0x25;
  private static final int INT3 = 0xcc;

  private final Arena arena;
  private final ByteBuffer bytes;
  private int at;

  Emitter(Arena arena) {
    this.arena = arena;
    this.bytes = arena.bytes();
  }

  /** Returns the offset of the next instruction. */
  final int position() {
    return at;
  }

  final void moveTo(int position) {
    at = position;
  }

  /** Returns the address of the next instruction in the tracee. */
  final long here() {
    return arena.address() + at;
  }

  final Arena arena() {
    return arena;
  }

  final void emit(int... values) {
    for (int value : values) {
      bytes.put(at++, (byte) value);
    }
  }

  final void emit(ByteBuffer from, int offset, int count) {
    bytes.put(at, from, offset, count);
    at += count;
  }

  final void int32(int value) {
    bytes.putInt(at, value);
    at += Integer.BYTES;
  }

  final void int64(long value) {
    bytes.putLong(at, value);
    at += Long.BYTES;
  }

  /** {@code mov gs:[slot], r64}. */
  final void store(int slot, int register) {
    emit(GS, REX_W, 0x89, register << 3 | SIB, ABSOLUTE);
    int32(slot);
  }

  /** {@code mov r64, gs:[slot]}. */
  final void load(int register, int slot) {
    emit(GS, REX_W, 0x8b, register << 3 | SIB, ABSOLUTE);
    int32(slot);
  }

  /** {@code mov eax, gs:[slot]}. */
  final void loadEax(int slot) {
    emit(GS, 0x8b, SIB, ABSOLUTE);
    int32(slot);
  }

  /** {@code mov dword gs:[slot], imm32}. */
  final void storeImmediate(int slot, int value) {
    emit(GS, 0xc7, SIB, ABSOLUTE);
    int32(slot);
    int32(value);
  }

  /** {@code mov dword gs:[rcx + displacement], imm32}. */
  final void storeImmediateAtRcx(int displacement, int value) {
    emit(GS, 0xc7, 0x81);
    int32(displacement);
    int32(value);
  }

  /** {@code mov gs:[rcx + displacement], rdx}. */
  final void storeRdxAtRcx(int displacement) {
    emit(GS, REX_W, 0x89, 0x91);
    int32(displacement);
  }

  /** {@code mov gs:[rcx + displacement], eax}. */
  final void storeEaxAtRcx(int displacement) {
    emit(GS, 0x89, 0x81);
    int32(displacement);
  }

  /** {@code movzx ecx, byte [address]}. */
  final void loadByteToRcx(int address) {
    emit(0x0f, 0xb6, 0x0c, ABSOLUTE);
    int32(address);
  }

  /** {@code lea rcx, [rcx + imm8]}. */
  final void addToRcx(int value) {
    emit(REX_W, 0x8d, 0x49, value);
  }

  /** {@code mov rdx, imm64; lea rcx, [rcx + rdx]}. */
  final void addConstantToRcx(long value) {
    emit(REX_W, 0xba);
    int64(value);
    emit(REX_W, 0x8d, 0x0c, 0x11);
  }

  /** {@code jrcxz rel8} over so many bytes. */
  final void jumpIfRcxZero(int distance) {
    emit(0xe3, distance);
  }

  /** {@code jmp rel32}; returns the offset of the displacement, for {@link #link}. */
  final int jump() {
    emit(0xe9);
    int32(0);
    return at - Integer.BYTES;
  }

  /**
   * Returns how many bytes must stand before a jump so many bytes from here for its displacement to
   * be aligned: then it can be changed while other threads execute it.
   */
  final int paddingOfJump(int distance) {
    return -(at + distance + 1) & (Integer.BYTES - 1);
  }

  /** Some {@code nop}. */
  final void pad(int count) {
    for (int i = 0; i < count; i++) {
      emit(0x90);
    }
  }

  /** {@code jcc rel32}; returns the offset of the displacement, for {@link #link}. */
  final int jumpIf(int conditionCode) {
    emit(0x0f, 0x80 | conditionCode);
    int32(0);
    return at - Integer.BYTES;
  }

  /** {@code jmp gs:[slot]}. */
  final void jumpThrough(int slot) {
    emit(GS, 0xff, 4 << 3 | SIB, ABSOLUTE);
    int32(slot);
  }

  /**
   * {@code int3}, and behind it the program's address to go on at; see {@link Exits} and {@link
   * Point#EXIT}.
   *
   * @return the address of the {@code int3}
   */
  final long leave(long address) {
    long exit = here();
    emit(INT3);
    emit(0xeb, -Exits.DESTINATION_AT); // jmp int3
    int64(address);
    return exit;
  }

  /** Returns whether a jump at some place in this arena can reach an address. */
  final boolean reaches(long address) {
    return isInt32(address - arena.address()) && isInt32(address - arena.address() - arena.size());
  }

  static boolean isInt32(long value) {
    return value == (int) value;
  }

  /** Makes the displacement at an offset lead to an address; displacements end instructions. */
  final void link(int displacementAt, long target) {
    bytes.putInt(
        displacementAt,
        Math.toIntExact(target - (arena.address() + displacementAt + Integer.BYTES)));
  }
}
