package dev.bts.kernel.x86;

import dev.bts.kernel.x86.Opcode.ModRm;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * Builds the 256 opcodes of a map from the text that describes them.
 *
 * <p>All texts are grids: a line per high digit of the opcode, {@code digit: cells}, sixteen cells
 * for the low digit. A line that is not there has no opcodes.
 *
 * <ul>
 *   <li>A grid of <i>formats</i> has a word in each cell: {@code M} if ModRM follows, {@code R} if
 *       ModRM with registers only, then the letter of an {@link Immediate} if there is one. {@code
 *       .} is an opcode alone, {@code -} none.
 *   <li>A grid of <i>mandatory prefixes</i> has a hexadecimal digit in each cell, spaces do not
 *       count: 1 for no prefix, 2 for 66h, 4 for F3h, 8 for F2h, added up; {@code .} for none.
 * </ul>
 */
final class OpcodeTable {
  private static final int OPCODES = 256;
  private static final int ROW = 16;
  private static final int ANY_PREFIX = 0xf;
  private static final int REGISTERS = 8;

  /** ModRM.mod of a register operand, in place. */
  private static final int REGISTER_FORM = 0xc0;

  private final Opcode[] opcodes = new Opcode[OPCODES];

  private OpcodeTable() {
    Arrays.fill(opcodes, Opcode.UNDEFINED);
  }

  /** Starts from a grid of formats; every opcode takes any prefix. */
  static OpcodeTable ofFormats(String formats) {
    OpcodeTable table = new OpcodeTable();
    formats
        .lines()
        .forEach(
            line -> {
              int first = rowOf(line);
              String[] cells = line.substring(2).strip().split(" +", -1);
              requireRow(line, cells.length);
              for (int column = 0; column < ROW; column++) {
                table.opcodes[first + column] = opcodeOf(cells[column]);
              }
            });
    return table;
  }

  /** Starts from a grid of mandatory prefixes; every opcode takes ModRM and the same immediate. */
  static OpcodeTable ofPrefixes(Immediate immediate, String prefixes) {
    OpcodeTable table = new OpcodeTable();
    Arrays.fill(table.opcodes, Opcode.of(ModRm.PRESENT, immediate, 0));
    return table.prefixes(prefixes);
  }

  /** Takes the mandatory prefixes of all opcodes from a grid. */
  OpcodeTable prefixes(String prefixes) {
    int[] digits = new int[OPCODES];
    prefixes
        .lines()
        .forEach(
            line -> {
              int first = rowOf(line);
              String cells = line.substring(2).replace(" ", "").replace('.', '0');
              requireRow(line, cells.length());
              for (int column = 0; column < ROW; column++) {
                digits[first + column] = Character.digit(cells.charAt(column), ROW);
              }
            });
    for (int opcode = 0; opcode < OPCODES; opcode++) {
      opcodes[opcode] = opcodes[opcode].withPrefixes(digits[opcode]);
    }
    return this;
  }

  /** Replaces the format of one opcode. */
  OpcodeTable format(int opcode, String cell, int mandatoryPrefixes) {
    opcodes[opcode] = opcodeOf(cell).withPrefixes(mandatoryPrefixes);
    return this;
  }

  /** Gives a range of opcodes another immediate. */
  OpcodeTable immediate(int first, int last, Immediate immediate) {
    return change(first, last, opcode -> opcode.withImmediate(immediate));
  }

  /** Gives a range of opcodes a control flow. */
  OpcodeTable flow(int first, int last, ControlFlow flow) {
    return change(first, last, opcode -> opcode.withFlow(flow));
  }

  /** Gives one opcode a control flow. */
  OpcodeTable flow(int opcode, ControlFlow flow) {
    return flow(opcode, opcode, flow);
  }

  /**
   * Limits opcodes to some values of ModRM.reg, with the others undefined.
   *
   * @param rules lines of an opcode, the digits of ModRM.reg that exist with a memory operand, and
   *     those that exist with a register operand; {@code -} stands for none, {@code *} for all
   */
  OpcodeTable groups(String rules) {
    rules
        .lines()
        .forEach(
            line -> {
              String[] words = line.strip().split(" +", -1);
              int opcode = Integer.parseInt(words[0], ROW);
              changeMembers(
                  opcode,
                  modRm -> {
                    String defined = words[modRm < REGISTER_FORM ? 1 : 2];
                    return !defined.equals("*") && defined.indexOf('0' + registerOf(modRm)) < 0;
                  },
                  member -> Opcode.UNDEFINED);
            });
    return this;
  }

  /** Changes the members of a group with one value of ModRM.reg, where they are defined. */
  OpcodeTable member(int opcode, int register, UnaryOperator<Opcode> change) {
    return changeMembers(opcode, modRm -> registerOf(modRm) == register, change);
  }

  /** Changes the member of a group with one value of ModRM. */
  OpcodeTable memberAt(int opcode, int value, UnaryOperator<Opcode> change) {
    return changeMembers(opcode, modRm -> modRm == value, change);
  }

  /** Removes members of a group: a range of values of ModRM. */
  OpcodeTable undefine(int opcode, int first, int last) {
    return changeMembers(
        opcode, modRm -> first <= modRm && modRm <= last, member -> Opcode.UNDEFINED);
  }

  /** Returns the opcodes, indexed by opcode byte. */
  Opcode[] build() {
    return opcodes.clone();
  }

  private OpcodeTable changeMembers(
      int opcode, IntPredicate affected, UnaryOperator<Opcode> change) {
    Opcode group = opcodes[opcode];
    opcodes[opcode] =
        group.withMembers(
            modRm -> {
              Opcode member = group.forModRm(modRm);
              return affected.test(modRm) && member != Opcode.UNDEFINED
                  ? change.apply(member)
                  : member;
            });
    return this;
  }

  private OpcodeTable change(int first, int last, UnaryOperator<Opcode> change) {
    for (int opcode = first; opcode <= last; opcode++) {
      opcodes[opcode] = change.apply(opcodes[opcode]);
    }
    return this;
  }

  private static Opcode opcodeOf(String cell) {
    if (cell.equals("-")) {
      return Opcode.UNDEFINED;
    }
    ModRm modRm =
        switch (cell.charAt(0)) {
          case 'M' -> ModRm.PRESENT;
          case 'R' -> ModRm.REGISTERS;
          default -> ModRm.ABSENT;
        };
    String rest = modRm == ModRm.ABSENT ? cell : cell.substring(1);
    Immediate immediate = rest.isEmpty() ? Immediate.NONE : Immediate.of(rest.charAt(0));
    return Opcode.of(modRm, immediate, ANY_PREFIX);
  }

  private static int registerOf(int modRm) {
    return (modRm >> 3) % REGISTERS;
  }

  private static int rowOf(String line) {
    return Character.digit(line.charAt(0), ROW) * ROW;
  }

  private static void requireRow(String line, int cells) {
    if (cells != ROW) {
      throw new IllegalArgumentException("not sixteen opcodes: " + line);
    }
  }
}
