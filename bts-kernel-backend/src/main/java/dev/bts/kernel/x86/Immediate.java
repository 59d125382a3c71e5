package dev.bts.kernel.x86;

/** What follows opcode, ModRM, SIB and displacement: the kinds of immediate operands. */
enum Immediate {
  /** Nothing. */
  NONE('.'),
  /** Eight bits. */
  BYTE('b'),
  /** Sixteen bits. */
  WORD('w'),
  /** Thirty-two bits, whatever the operand size. */
  DOUBLEWORD('d'),
  /** Sixteen or thirty-two bits by operand size; with REX.W thirty-two, sign-extended. */
  OPERAND('z'),
  /** Sixteen, thirty-two or sixty-four bits by operand size: mov to a register only. */
  WIDE('v'),
  /** An absolute address of a memory operand, by address size: mov to and from the accumulator. */
  ADDRESS('a'),
  /** The relative target of a near branch, whose size is a matter of the vendor. */
  BRANCH('j'),
  /** Sixteen bits and eight bits: enter. */
  WORD_AND_BYTE('e'),
  /** Two times eight bits with a prefix 66h or F2h, otherwise nothing: extrq and insertq. */
  BYTE_PAIR('p');

  private final char letter;

  Immediate(char letter) {
    this.letter = letter;
  }

  /** Returns the kind that a letter stands for in the opcode tables. */
  static Immediate of(char letter) {
    for (Immediate kind : values()) {
      if (kind.letter == letter) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind of immediate: " + letter);
  }
}
