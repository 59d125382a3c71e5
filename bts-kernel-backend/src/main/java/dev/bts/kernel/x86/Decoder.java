package dev.bts.kernel.x86;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decodes instructions of 64-bit mode, one at a time, without allocating. Immutable: one decoder
 * serves all threads.
 *
 * <p>The code may be anything: no bytes make {@link #decode} throw or read outside the limits it
 * was given. The package documentation says what is accepted.
 */
public final class Decoder {
  // Two kinds of bytes are read: those that decide what the instruction is (prefixes, opcode,
  // ModRM, SIB), and those that need only be there (displacement, immediate). A deciding byte
  // past the end reads as zero and decoding goes on; a position past the end then tells that the
  // answer is void. So the stages need no error paths, and cannot run away: zero is not a prefix.

  /** The position that stands for an encoding that no further bytes can complete. */
  private static final int REJECTED = -1;

  private static final int ESCAPE = 0x0f;
  private static final int VEX_SHORT = 0xc5;
  private static final int VEX = 0xc4;
  private static final int EVEX = 0x62;
  private static final int POP_OR_XOP = 0x8f;

  /** The high digit of the sixteen REX prefixes. */
  private static final int REX_ROW = 4;

  /** Bits of EVEX that are fixed without APX: one of the first byte, one of the second. */
  private static final int EVEX_CLEAR_BIT = 1 << 3;

  private static final int EVEX_SET_BIT = 1 << 2;

  /** ModRM.mod of a register operand. */
  private static final int MOD_REGISTER = 3;

  /** ModRM.rm that announces SIB. */
  private static final int RM_SIB = 4;

  /** ModRM.rm (RIP-relative) and SIB.base (none) that mean a displacement alone if mod is 0. */
  private static final int BASE_NONE = 5;

  // Mandatory prefixes in the numbering of VEX.pp.
  private static final int NO_PREFIX = 0;
  private static final int PREFIX_66 = 1;
  private static final int PREFIX_F3 = 2;
  private static final int PREFIX_F2 = 3;

  /** Legacy prefixes that are not allowed before VEX, EVEX and XOP. */
  private static final int NOT_BEFORE_VECTOR =
      Prefix.LOCK.bit() | Prefix.REPNE.bit() | Prefix.REP.bit() | Prefix.OPERAND_SIZE.bit();

  private static final int SEGMENTS_WITH_BASE = Prefix.FS.bit() | Prefix.GS.bit();

  /** Indexed by byte: {@link Prefix#bit} of a legacy prefix, 0 for anything else. */
  private static final short[] PREFIX_BITS = new short[256];

  /** Indexed by VEX.mmmmm, EVEX.mmm and XOP.mmmmm; null where there is no map. */
  private static final @Nullable OpcodeMap[] VEX_MAPS = new @Nullable OpcodeMap[32];

  private static final @Nullable OpcodeMap[] EVEX_MAPS = new @Nullable OpcodeMap[8];
  private static final @Nullable OpcodeMap[] XOP_MAPS = new @Nullable OpcodeMap[32];

  /** The lowest XOP map; with smaller numbers 8F is pop. */
  private static final int FIRST_XOP_MAP = 8;

  static {
    for (Prefix prefix : Prefix.values()) {
      PREFIX_BITS[prefix.encoding()] = (short) prefix.bit();
    }
    VEX_MAPS[1] = OpcodeMap.VEX_1;
    VEX_MAPS[2] = OpcodeMap.VEX_2;
    VEX_MAPS[3] = OpcodeMap.VEX_3;
    EVEX_MAPS[1] = OpcodeMap.EVEX_1;
    EVEX_MAPS[2] = OpcodeMap.EVEX_2;
    EVEX_MAPS[3] = OpcodeMap.EVEX_3;
    EVEX_MAPS[5] = OpcodeMap.EVEX_5;
    EVEX_MAPS[6] = OpcodeMap.EVEX_6;
    XOP_MAPS[FIRST_XOP_MAP] = OpcodeMap.XOP_8;
    XOP_MAPS[9] = OpcodeMap.XOP_9;
    XOP_MAPS[10] = OpcodeMap.XOP_10;
  }

  private final Vendor vendor;

  /** Creates a decoder that reads as the processors of a vendor do. */
  public Decoder(Vendor vendor) {
    this.vendor = vendor;
  }

  /**
   * Decodes the instruction at an offset.
   *
   * @param code the bytes; position and byte order of the buffer do not matter, nothing of it is
   *     changed
   * @param offset where the instruction starts in the buffer
   * @param limit where the readable bytes end, exclusive; at most the limit of the buffer
   * @param address the address the instruction has in the program; relative targets count from it
   * @param into what to fill; its length is 0 unless the answer is COMPLETE
   * @return COMPLETE, TRUNCATED if more bytes are needed, INVALID if no more bytes would help
   * @throws IndexOutOfBoundsException if offset and limit are not a range of the buffer
   */
  public DecodeStatus decode(
      ByteBuffer code, int offset, int limit, long address, Instruction into) {
    Objects.checkFromToIndex(offset, limit, code.limit());
    int end = limit - offset > Instruction.MAX_LENGTH ? offset + Instruction.MAX_LENGTH : limit;
    into.clear(address);
    int at = readPrefixes(code, offset, end, into);
    at = readOpcode(code, offset, at, end, into);
    if (at > end) {
      return tooShort(limit - offset);
    }
    if (at == REJECTED) {
      return DecodeStatus.INVALID;
    }
    Opcode entry = into.map.lookUp(into.opcode);
    if (!entry.exists(into.mandatoryPrefix)) {
      return DecodeStatus.INVALID;
    }
    if (entry.modRm != Opcode.ModRm.ABSENT) {
      at = readModRm(code, offset, at, end, entry.modRm, into);
      if (at > end) {
        return tooShort(limit - offset);
      }
      entry = entry.forModRm(into.modRm);
      if (!entry.exists(into.mandatoryPrefix)) {
        return DecodeStatus.INVALID;
      }
    }
    return finish(code, offset, at, limit, entry, into);
  }

  /** Returns the answer for bytes that ended before the encoding told what it is. */
  private static DecodeStatus tooShort(int available) {
    return available < Instruction.MAX_LENGTH ? DecodeStatus.TRUNCATED : DecodeStatus.INVALID;
  }

  private static int byteAt(ByteBuffer code, int at, int end) {
    return at < end ? code.get(at) & 0xff : 0;
  }

  /** Reads legacy prefixes and REX; a REX that is not the last prefix is ignored. */
  private static int readPrefixes(ByteBuffer code, int offset, int end, Instruction into) {
    int at = offset;
    for (; ; at++) {
      int value = byteAt(code, at, end);
      int bit = PREFIX_BITS[value];
      if (bit != 0) {
        into.prefixes |= bit;
        into.rexOffset = Instruction.ABSENT;
        into.rexBits = 0;
        if ((bit & SEGMENTS_WITH_BASE) != 0) {
          into.segmentBit = bit;
        } else if (value == Prefix.REP.encoding()) {
          into.mandatoryPrefix = PREFIX_F3;
        } else if (value == Prefix.REPNE.encoding()) {
          into.mandatoryPrefix = PREFIX_F2;
        }
      } else if (value >> 4 == REX_ROW) {
        into.rexOffset = at - offset;
        into.rexBits = value & 0xf;
      } else {
        break;
      }
    }
    // F2 and F3 win over 66 in whatever order they stand; of the two the last wins.
    if (into.mandatoryPrefix == NO_PREFIX && into.has(Prefix.OPERAND_SIZE)) {
      into.mandatoryPrefix = PREFIX_66;
    }
    return at;
  }

  private static int readOpcode(ByteBuffer code, int offset, int at, int end, Instruction into) {
    int second = byteAt(code, at + 1, end);
    int third = byteAt(code, at + 2, end);
    return switch (byteAt(code, at, end)) {
      case ESCAPE ->
          switch (second) {
            case 0x38 -> takeOpcode(code, offset, at + 2, end, OpcodeMap.ESCAPE_38, into);
            case 0x3a -> takeOpcode(code, offset, at + 2, end, OpcodeMap.ESCAPE_3A, into);
            default -> takeOpcode(code, offset, at + 1, end, OpcodeMap.SECONDARY, into);
          };
      case VEX_SHORT -> {
        // R stays where it is in the long form; X, B and W are clear; the map is 1.
        boolean allowed = takeVectorPrefix(second | 0x60, second & 0x7f, into);
        yield takeVector(code, offset, at + 2, end, allowed ? VEX_MAPS[1] : null, into);
      }
      case VEX -> {
        boolean allowed = takeVectorPrefix(second, third, into);
        yield takeVector(code, offset, at + 3, end, allowed ? VEX_MAPS[second & 0x1f] : null, into);
      }
      case EVEX -> {
        boolean allowed =
            takeVectorPrefix(second, third, into)
                && (second & EVEX_CLEAR_BIT) == 0
                && (third & EVEX_SET_BIT) != 0;
        yield takeVector(code, offset, at + 4, end, allowed ? EVEX_MAPS[second & 7] : null, into);
      }
      case POP_OR_XOP -> {
        if ((second & 0x1f) < FIRST_XOP_MAP) {
          yield takeOpcode(code, offset, at, end, OpcodeMap.PRIMARY, into);
        }
        boolean allowed = takeVectorPrefix(second, third, into);
        yield takeVector(code, offset, at + 3, end, allowed ? XOP_MAPS[second & 0x1f] : null, into);
      }
      default -> takeOpcode(code, offset, at, end, OpcodeMap.PRIMARY, into);
    };
  }

  /**
   * Takes R, X, B (inverted in the high bits of the first byte) and W, vvvv (inverted) and pp (the
   * second byte) from a VEX, EVEX or XOP prefix.
   *
   * @return whether such a prefix may follow the prefixes before it
   */
  private static boolean takeVectorPrefix(int first, int second, Instruction into) {
    boolean allowed =
        (into.prefixes & NOT_BEFORE_VECTOR) == 0 && into.rexOffset == Instruction.ABSENT;
    into.rexBits = (second >> 7 << 3) | (~first >> 5 & 7);
    into.vectorRegister = ~second >> 3 & 0xf;
    into.mandatoryPrefix = second & 3;
    return allowed;
  }

  private static int takeVector(
      ByteBuffer code, int offset, int at, int end, @Nullable OpcodeMap map, Instruction into) {
    if (map == null) {
      return at > end ? at : REJECTED;
    }
    return takeOpcode(code, offset, at, end, map, into);
  }

  private static int takeOpcode(
      ByteBuffer code, int offset, int at, int end, OpcodeMap map, Instruction into) {
    into.map = map;
    into.opcode = byteAt(code, at, end);
    into.opcodeOffset = at - offset;
    return at + 1;
  }

  /** Reads ModRM and SIB, and finds how long a displacement follows. */
  private static int readModRm(
      ByteBuffer code, int offset, int start, int end, Opcode.ModRm kind, Instruction into) {
    int at = start;
    int modRm = byteAt(code, at, end);
    into.modRm = modRm;
    into.modRmOffset = at++ - offset;
    int mod = modRm >> 6;
    into.memory = mod != MOD_REGISTER && kind == Opcode.ModRm.PRESENT;
    if (!into.memory) {
      return at;
    }
    int base = modRm & 7;
    if (base == RM_SIB) {
      into.sib = byteAt(code, at++, end);
      base = into.sib & 7;
    }
    into.displacementSize =
        switch (mod) {
          case 0 -> base == BASE_NONE ? 4 : 0;
          case 1 -> 1;
          default -> 4;
        };
    return at;
  }

  private DecodeStatus finish(
      ByteBuffer code, int offset, int at, int limit, Opcode entry, Instruction into) {
    into.flow = entry.flow;
    boolean operand16 = into.has(Prefix.OPERAND_SIZE) && !into.isWide();
    into.narrow = operand16 && vendor.narrowsBranches() && entry.flow.isNearBranch();
    if (entry.immediate == Immediate.ADDRESS) {
      into.memory = true;
      into.displacementSize = into.has(Prefix.ADDRESS_SIZE) ? 4 : 8;
    }
    into.immediateSize = immediateSize(entry.immediate, operand16, into);
    int displacementAt = at;
    int immediateAt = displacementAt + into.displacementSize;
    int length = immediateAt + into.immediateSize - offset;
    if (length > Instruction.MAX_LENGTH) {
      return DecodeStatus.INVALID;
    }
    if (length > limit - offset) {
      return DecodeStatus.TRUNCATED;
    }
    if (into.displacementSize != 0) {
      into.displacementOffset = displacementAt - offset;
      into.displacement = signed(code, displacementAt, into.displacementSize);
    }
    if (into.immediateSize != 0) {
      into.immediateOffset = immediateAt - offset;
      into.immediate = signed(code, immediateAt, into.immediateSize);
    }
    into.length = length;
    return DecodeStatus.COMPLETE;
  }

  private static int immediateSize(Immediate kind, boolean operand16, Instruction into) {
    return switch (kind) {
      case NONE, ADDRESS -> 0;
      case BYTE -> 1;
      case WORD -> 2;
      case WORD_AND_BYTE -> 3;
      case DOUBLEWORD -> 4;
      case OPERAND -> operand16 ? 2 : 4;
      case WIDE -> into.isWide() ? 8 : operand16 ? 2 : 4;
      case BRANCH -> into.narrow ? 2 : 4;
      case BYTE_PAIR ->
          into.mandatoryPrefix == PREFIX_66 || into.mandatoryPrefix == PREFIX_F2 ? 2 : 0;
    };
  }

  /** Returns a little-endian number of 1 to 8 bytes. */
  private static long signed(ByteBuffer code, int at, int size) {
    long value = code.get(at + size - 1);
    for (int index = at + size - 2; index >= at; index--) {
      value = (value << 8) | (code.get(index) & 0xff);
    }
    return value;
  }
}
