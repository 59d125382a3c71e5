package dev.bts.sim.program;

/**
 * The code of a synthetic program: functions of nested loops, conditionals and calls, laid out at
 * addresses as a compiler would. Immutable; made from a seed by {@link CodeGenerator}.
 *
 * <p>Only branch instructions are kept. Code runs upwards from one to the next, so every branch
 * starts at or after the address that the one before it went to, as on a real processor.
 */
public final class CodeImage {
  /** The kinds of branch instruction. */
  enum Kind {
    /** Always taken, to a later address or, in the outermost function, back to its start. */
    JUMP,
    /** A conditional branch over some code. */
    SKIP,
    /** A conditional branch back to the head of a loop. */
    LOOP,
    /** A call. */
    CALL,
    /** A return. */
    RETURN
  }

  private final String path;
  private final long start;
  private final long end;
  private final Kind[] kinds;
  private final long[] addresses;
  private final int[] targets;
  private final long[] targetAddresses;
  private final int handlerEntry;

  CodeImage(
      String path,
      long start,
      long end,
      Kind[] kinds,
      long[] addresses,
      int[] targets,
      long[] targetAddresses,
      int handlerEntry) {
    this.path = path;
    this.start = start;
    this.end = end;
    this.kinds = kinds;
    this.addresses = addresses;
    this.targets = targets;
    this.targetAddresses = targetAddresses;
    this.handlerEntry = handlerEntry;
  }

  /** Returns code of which nothing is known but where it lies. */
  static CodeImage ofMapping(String path, long start, long end) {
    return new CodeImage(path, start, end, new Kind[0], new long[0], new int[0], new long[0], 0);
  }

  /** Returns the file name that the code claims to come from. */
  public String path() {
    return path;
  }

  /** Returns the address of the first byte of code. */
  public long start() {
    return start;
  }

  /** Returns the address after the last byte of code. */
  public long end() {
    return end;
  }

  Kind kind(int instruction) {
    return kinds[instruction];
  }

  long address(int instruction) {
    return addresses[instruction];
  }

  /** Returns the first branch instruction at or after the place that a branch goes to. */
  int target(int instruction) {
    return targets[instruction];
  }

  long targetAddress(int instruction) {
    return targetAddresses[instruction];
  }

  /** Returns the first branch instruction of the signal handler. */
  int handlerEntry() {
    return handlerEntry;
  }
}
