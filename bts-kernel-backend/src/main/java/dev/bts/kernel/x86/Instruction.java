package dev.bts.kernel.x86;

/**
 * One decoded instruction: a flyweight that {@link Decoder#decode} fills again and again.
 *
 * <p>It holds no reference to the code it was decoded from. Offsets count bytes from the start of
 * the instruction; {@link #ABSENT} stands for a part or a register that the encoding does not have.
 * After a decode that was not {@link DecodeStatus#COMPLETE} the length is 0 and nothing else means
 * anything. Not safe for use by several threads.
 */
public final class Instruction {
  /** The longest instruction, in bytes; anything longer is a fault. */
  public static final int MAX_LENGTH = 15;

  /** The answer for a part or a register that is not there. */
  public static final int ABSENT = -1;

  private static final long MASK_16 = 0xffffL;
  private static final long MASK_32 = 0xffff_ffffL;

  /** The register that syscall overwrites with rflags. */
  private static final int R11 = 11;

  /** The numbers of r8 to r15, as a set of bits. */
  private static final int EXTENDED = 0xff00;

  long address;
  int length;
  OpcodeMap map = OpcodeMap.PRIMARY;
  ControlFlow flow = ControlFlow.SEQUENTIAL;

  /** Set of {@link Prefix#bit}. */
  int prefixes;

  /** The last FS or GS prefix as a bit, 0 if none. */
  int segmentBit;

  /** The mandatory prefix in the numbering of VEX.pp: none, 66h, F3h, F2h. */
  int mandatoryPrefix;

  /** W, R, X, B as in a REX prefix, whatever prefix they come from. */
  int rexBits;

  int rexOffset;
  int vectorRegister;
  int opcode;
  int opcodeOffset;
  int modRm;
  int modRmOffset;
  boolean memory;
  int sib;
  int displacementOffset;
  int displacementSize;
  long displacement;
  int immediateOffset;
  int immediateSize;
  long immediate;

  /** Whether a prefix 66h makes this near branch 16 bits wide. */
  boolean narrow;

  /** Creates an empty flyweight. */
  public Instruction() {
    clear(0);
  }

  void clear(long newAddress) {
    address = newAddress;
    length = 0;
    map = OpcodeMap.PRIMARY;
    flow = ControlFlow.SEQUENTIAL;
    prefixes = 0;
    segmentBit = 0;
    mandatoryPrefix = 0;
    rexBits = 0;
    rexOffset = ABSENT;
    vectorRegister = ABSENT;
    opcode = 0;
    opcodeOffset = 0;
    modRm = 0;
    modRmOffset = ABSENT;
    memory = false;
    sib = ABSENT;
    displacementOffset = ABSENT;
    displacementSize = 0;
    displacement = 0;
    immediateOffset = ABSENT;
    immediateSize = 0;
    immediate = 0;
    narrow = false;
  }

  /** Returns the address the instruction was decoded for. */
  public long address() {
    return address;
  }

  /** Returns the length in bytes, 1 to 15. */
  public int length() {
    return length;
  }

  /** Returns the address of the next instruction in memory. */
  public long nextAddress() {
    return address + length;
  }

  /** Returns where the processor may go next. */
  public ControlFlow controlFlow() {
    return flow;
  }

  /**
   * Returns the target of a direct jump or call, or the fallback address of xbegin.
   *
   * @throws IllegalStateException if {@link ControlFlow#hasTarget} says there is none
   */
  public long target() {
    if (!flow.hasTarget()) {
      throw new IllegalStateException("no target in the encoding: " + this);
    }
    long target = nextAddress() + immediate;
    return narrow ? target & MASK_16 : target;
  }

  /**
   * Returns whether this near branch has a 16-bit operand ({@link Vendor#AMD}): if it is taken, the
   * target is cut to 16 bits, and calls and returns move two bytes of stack. Compilers never emit
   * it.
   */
  public boolean isNarrowBranch() {
    return narrow;
  }

  /** Returns the condition code of a conditional jump, for {@link Conditions#holds}. */
  public int conditionCode() {
    if (flow != ControlFlow.CONDITIONAL_JUMP) {
      throw new IllegalStateException("no condition code: " + this);
    }
    return opcode & 0xf;
  }

  /**
   * Returns whether a conditional or counted jump is taken. This decides where the address after it
   * cannot: the target may be the next instruction.
   *
   * @param rflags the flags register; these jumps do not change it
   * @param rcx the register before the instruction: loop counts it down
   * @throws IllegalStateException if nothing about this instruction is conditional
   */
  public boolean isTaken(long rflags, long rcx) {
    if (flow == ControlFlow.CONDITIONAL_JUMP) {
      return Conditions.holds(opcode & 0xf, rflags);
    }
    if (flow != ControlFlow.COUNTED_JUMP) {
      throw new IllegalStateException("not conditional: " + this);
    }
    long count = has(Prefix.ADDRESS_SIZE) ? rcx & MASK_32 : rcx;
    boolean zero = (rflags & Conditions.ZERO) != 0;
    return switch (opcode) {
      case 0xe0 -> count != 1 && !zero;
      case 0xe1 -> count != 1 && zero;
      case 0xe2 -> count != 1;
      default -> count == 0;
    };
  }

  /** Returns the opcode map. */
  public OpcodeMap map() {
    return map;
  }

  /** Returns the opcode byte, 0 to 255. */
  public int opcode() {
    return opcode;
  }

  /** Returns whether this is one opcode of one map. */
  boolean is(OpcodeMap wantedMap, int wantedOpcode) {
    return map == wantedMap && opcode == wantedOpcode;
  }

  /** Returns where the opcode byte is: after all prefixes and escape bytes. */
  public int opcodeOffset() {
    return opcodeOffset;
  }

  /** Returns whether a legacy prefix is present. */
  public boolean has(Prefix prefix) {
    return (prefixes & prefix.bit()) != 0;
  }

  /**
   * Returns whether the FS or the GS prefix applies. If there are several, the last of these two
   * counts; prefixes of other segments do not cancel it (the manuals leave it open, a Zen 4 does
   * so).
   */
  public boolean isRelativeTo(Prefix segment) {
    return segmentBit == segment.bit();
  }

  /** Returns the mandatory prefix in the numbering of VEX.pp: 0 none, 1 66h, 2 F3h, 3 F2h. */
  public int mandatoryPrefix() {
    return mandatoryPrefix;
  }

  /** Returns where the REX prefix is; ABSENT if none or if its bits are part of VEX, EVEX, XOP. */
  public int rexOffset() {
    return rexOffset;
  }

  /** Returns W, R, X and B as the low four bits of a REX prefix, from REX, VEX, EVEX or XOP. */
  public int rexBits() {
    return rexBits;
  }

  /** Returns whether REX.W, VEX.W, EVEX.W or XOP.W is set. */
  public boolean isWide() {
    return (rexBits & 8) != 0;
  }

  /** Returns where the ModRM byte is, or ABSENT. */
  public int modRmOffset() {
    return modRmOffset;
  }

  /** Returns the ModRM byte, 0 if there is none. */
  public int modRm() {
    return modRm;
  }

  /**
   * Returns whether an explicit operand is addressed in memory: by ModRM or by an absolute address
   * (mov to and from the accumulator). Instructions that only compute an address (lea) or ignore it
   * (nop) count. Implicit memory operands (stack, strings) do not.
   */
  public boolean hasMemoryOperand() {
    return memory;
  }

  /** Returns whether the memory operand is relative to the next instruction. */
  public boolean isRipRelative() {
    return memory && modRmOffset != ABSENT && (modRm & 0xc7) == 5;
  }

  /**
   * Returns the address of a RIP-relative operand.
   *
   * @throws IllegalStateException if the operand is not RIP-relative
   */
  public long ripRelativeAddress() {
    if (!isRipRelative()) {
      throw new IllegalStateException("not RIP-relative: " + this);
    }
    long operand = nextAddress() + displacement;
    return has(Prefix.ADDRESS_SIZE) ? operand & MASK_32 : operand;
  }

  /** Returns where the displacement (or absolute address) of a memory operand is, or ABSENT. */
  public int displacementOffset() {
    return displacementOffset;
  }

  /** Returns the size of the displacement in bytes: 0, 1, 4 or, for an absolute address, 8. */
  public int displacementSize() {
    return displacementSize;
  }

  /** Returns the displacement as encoded, sign-extended; EVEX does not scale it here. */
  public long displacement() {
    return displacement;
  }

  /** Returns where immediate operands start, the relative target of a branch included. */
  public int immediateOffset() {
    return immediateOffset;
  }

  /** Returns the size of all immediate operands together, in bytes: 0 to 4, or 8. */
  public int immediateSize() {
    return immediateSize;
  }

  /** Returns the bytes of all immediate operands as one little-endian number, sign-extended. */
  public long immediate() {
    return immediate;
  }

  /** Returns the register number in ModRM.reg, 0 to 15, or ABSENT; it may extend the opcode. */
  public int reg() {
    return modRmOffset == ABSENT ? ABSENT : (modRm >> 3 & 7) | (rexBits & 4) << 1;
  }

  /** Returns the register number in ModRM.rm, 0 to 15; ABSENT with a memory operand. */
  public int rm() {
    return modRmOffset == ABSENT || memory ? ABSENT : (modRm & 7) | (rexBits & 1) << 3;
  }

  /** Returns the base register of the memory operand, 0 to 15, or ABSENT. */
  public int base() {
    if (modRmOffset == ABSENT || !memory) {
      return ABSENT;
    }
    int low = (sib == ABSENT ? modRm : sib) & 7;
    boolean displacementOnly = low == 5 && modRm < 0x40;
    return displacementOnly ? ABSENT : low | (rexBits & 1) << 3;
  }

  /**
   * Returns the index register of the memory operand, 0 to 15, or ABSENT. In gathers and scatters
   * it is a vector register.
   */
  public int index() {
    if (sib == ABSENT) {
      return ABSENT;
    }
    int number = (sib >> 3 & 7) | (rexBits & 2) << 2;
    return number == 4 ? ABSENT : number;
  }

  /** Returns the register number in VEX.vvvv, 0 to 15, or ABSENT in legacy encodings. */
  public int vectorRegister() {
    return vectorRegister;
  }

  /** Returns the register number in the opcode byte (push, pop, xchg, mov, bswap), or ABSENT. */
  public int opcodeRegister() {
    boolean named =
        switch (map) {
          case PRIMARY -> {
            int row = opcode >> 4;
            yield row == 0x5 || row == 0xb || (row == 0x9 && opcode < 0x98);
          }
          case SECONDARY -> opcode >= 0xc8 && opcode <= 0xcf;
          default -> false;
        };
    return named ? (opcode & 7) | (rexBits & 1) << 3 : ABSENT;
  }

  /**
   * Returns which of r8 to r15 the instruction may read or write, as a set of bits 8 to 15.
   *
   * <p>A superset: a vector, mask or control register of the same number counts too. Nothing is
   * missing: no instruction uses these registers implicitly but syscall, which writes r11.
   */
  public int extendedRegisters() {
    int named =
        bit(reg())
            | bit(rm())
            | bit(base())
            | bit(index())
            | bit(vectorRegister)
            | bit(opcodeRegister());
    if (flow == ControlFlow.SYSCALL || flow == ControlFlow.SYSTEM_RETURN) {
      named |= bit(R11);
    }
    return named & EXTENDED;
  }

  private static int bit(int number) {
    return number == ABSENT ? 0 : 1 << number;
  }

  @Override
  public String toString() {
    return String.format("%x: %s, %s opcode %02x, %d bytes", address, flow, map, opcode, length);
  }
}
