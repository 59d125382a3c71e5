package dev.bts.kernel.ptrace;

/**
 * What the stepper knows of the instruction at one address, packed into an int: length, what it
 * does to the flow of control, and what else needs care when it is stepped.
 */
final class Site {
  /** Goes on with the next instruction. */
  static final int PLAIN = 0;

  /** Branches or not, as the flags or rcx say. */
  static final int CONDITIONAL = 1;

  /** Always branches. */
  static final int BRANCH = 2;

  /** Enters the kernel by {@code syscall}. */
  static final int SYSTEM_CALL = 3;

  /** Enters the kernel for a system call in another way: {@code int 0x80}, {@code sysenter}. */
  static final int OTHER_SYSTEM_CALL = 4;

  /** Stores the flags, the trap flag included: {@code pushf}. */
  static final int STORES_FLAGS = 5;

  /** Loads ss: the trap comes one instruction late. */
  static final int LOADS_STACK_SEGMENT = 6;

  /** An entry of the vsyscall page, which the kernel emulates. */
  static final int VSYSCALL = 7;

  /** Raises a trap by itself: {@code int3}, {@code int1}. */
  static final int TRAPS = 8;

  /** Loads the flags: {@code popf}, {@code iretq}. */
  static final int LOADS_FLAGS = 9;

  private static final int LENGTH_BITS = 4;
  private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;
  private static final int KIND_MASK = 15;

  /** A conditional branch whose target is the next instruction: rip does not tell. */
  private static final int TO_NEXT = 1 << 12;

  private Site() {}

  static int of(int kind, int length) {
    return length | kind << LENGTH_BITS;
  }

  static int length(int site) {
    return site & LENGTH_MASK;
  }

  static int kind(int site) {
    return (site >> LENGTH_BITS) & KIND_MASK;
  }

  static boolean toNext(int site) {
    return (site & TO_NEXT) != 0;
  }

  static int withTargetNext(int site) {
    return site | TO_NEXT;
  }
}
