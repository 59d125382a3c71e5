package dev.bts.accounting.operations;

/**
 * What stands behind a verb: a letter that says what is numbered, and how far the numbers go.
 *
 * <p>Numbers are names of the language, not the kernel's: {@code p1} is the second process of a
 * sequence, whatever its pid.
 */
public enum Operand {
  /** A process or thread that acts, or is acted upon. */
  PROCESS("p", 5),
  /** A process or thread that the operation makes; nobody has the name yet. */
  NEW_PROCESS("p", 5),
  /** A descriptor of a process. */
  DESCRIPTOR("f", 3),
  /** A place in an address space, far from all others. */
  AREA("a", 5),
  /** A System V segment. */
  SEGMENT("s", 2),
  /** One of two users. */
  USER("u", 1),
  /** A user, or {@code u2}: leave it as it is (-1). */
  USER_OR_KEEP("u", 2),
  /** A number of pages. */
  PAGES("", 4096),
  /** Where in an area, in pages. */
  OFFSET("", 4096),
  /** Flags of the call, as a number. */
  FLAGS("", 7);

  private final String letter;
  private final int largest;

  Operand(String letter, int largest) {
    this.letter = letter;
    this.largest = largest;
  }

  /** Returns the largest number. */
  public int largest() {
    return largest;
  }

  String print(int value) {
    return letter + value;
  }

  int parse(String word) {
    String digits = word.startsWith(letter) ? word.substring(letter.length()) : "";
    if (!digits.matches("[0-9]{1,4}") || Integer.parseInt(digits) > largest) {
      throw new IllegalArgumentException(
          "'" + word + "' is no " + this + ": " + letter + "0 to " + letter + largest);
    }
    return Integer.parseInt(digits);
  }
}
