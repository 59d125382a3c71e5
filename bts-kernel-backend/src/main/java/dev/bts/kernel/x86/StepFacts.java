package dev.bts.kernel.x86;

/**
 * What a single stepper must know of an instruction besides its control flow: where the trap flag
 * becomes visible or its trap does not come as usual.
 */
public final class StepFacts {
  private static final int GS_NUMBER = 5;
  private static final int SS_NUMBER = 2;
  private static final int F3 = 2;
  private static final int ENDBR64 = 0xfa;
  private static final int ENDBR32 = 0xfb;
  private static final int SWAPGS = 0xf8;
  private static final int RDGSBASE = 1;
  private static final int WRGSBASE = 3;

  private StepFacts() {}

  /** Returns whether this is pushf: it stores the trap flag that the stepper has set. */
  public static boolean pushesFlags(Instruction instruction) {
    return instruction.is(OpcodeMap.PRIMARY, 0x9c);
  }

  /** Returns whether this is popf: it overwrites the trap flag. */
  public static boolean popsFlags(Instruction instruction) {
    return instruction.is(OpcodeMap.PRIMARY, 0x9d);
  }

  /**
   * Returns whether this is mov to ss, the only one of its kind in 64-bit mode: the trap after it
   * is held back until the next instruction is done, so that one stop stands for two instructions
   * (SDM volume 3, section 6.8.3; APM volume 2, section 8.1.4). lss does not hold it back.
   */
  public static boolean loadsStackSegment(Instruction instruction) {
    return instruction.is(OpcodeMap.PRIMARY, 0x8e) && segmentNumber(instruction) == SS_NUMBER;
  }

  /**
   * Returns whether this is a string instruction with a repeat prefix: it traps after every
   * iteration, with the instruction pointer still at itself.
   */
  public static boolean isRepeatedString(Instruction instruction) {
    if (instruction.map() != OpcodeMap.PRIMARY
        || !(instruction.has(Prefix.REP) || instruction.has(Prefix.REPNE))) {
      return false;
    }
    int opcode = instruction.opcode();
    return (opcode >= 0x6c && opcode <= 0x6f)
        || (opcode >= 0xa4 && opcode <= 0xa7)
        || (opcode >= 0xaa && opcode <= 0xaf);
  }

  /**
   * Returns whether the instruction depends on or changes gs or its base: a GS prefix, moves, push
   * and pop of gs, lgs, rdgsbase, wrgsbase, swapgs. (arch_prctl does so too, by system call.)
   */
  public static boolean usesGs(Instruction instruction) {
    if (instruction.isRelativeTo(Prefix.GS)) {
      return true;
    }
    int opcode = instruction.opcode();
    return switch (instruction.map()) {
      case PRIMARY -> (opcode == 0x8c || opcode == 0x8e) && segmentNumber(instruction) == GS_NUMBER;
      case SECONDARY ->
          switch (opcode) {
            case 0x01 -> instruction.modRm() == SWAPGS;
            case 0xa8, 0xa9, 0xb5 -> true;
            case 0xae ->
                instruction.mandatoryPrefix() == F3
                    && !instruction.hasMemoryOperand()
                    && (segmentNumber(instruction) == RDGSBASE
                        || segmentNumber(instruction) == WRGSBASE);
            default -> false;
          };
      default -> false;
    };
  }

  /** Returns whether this is endbr64 or endbr32, which marks a target of indirect branches. */
  public static boolean isEndBranch(Instruction instruction) {
    return instruction.is(OpcodeMap.SECONDARY, 0x1e)
        && instruction.mandatoryPrefix() == F3
        && (instruction.modRm() == ENDBR64 || instruction.modRm() == ENDBR32);
  }

  /** ModRM.reg without REX.R, which does not extend segment registers or opcodes. */
  private static int segmentNumber(Instruction instruction) {
    return instruction.modRm() >> 3 & 7;
  }
}
