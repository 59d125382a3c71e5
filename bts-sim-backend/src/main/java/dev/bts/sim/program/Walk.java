package dev.bts.sim.program;

/**
 * One thread's way through a {@link CodeImage}: from taken branch to taken branch, with a call
 * stack. Conditions are decided by a random generator; the same seed goes the same way.
 */
final class Walk {
  /** A loop goes round again three times out of four. */
  private static final int LOOP_ODDS = 4;

  private final CodeImage image;
  private final SplitMix64 random;
  private final int[] returnTo = new int[CodeGenerator.FUNCTIONS + 1];
  private final long[] returnAddress = new long[CodeGenerator.FUNCTIONS + 1];
  private int depth;

  /** The depth at which the signal handler's frame lies, -1 if no handler runs. */
  private int handlerDepth = -1;

  private int next;
  private long from;
  private long to;

  Walk(CodeImage image, long seed) {
    this.image = image;
    this.random = new SplitMix64(seed);
  }

  Walk(Walk other) {
    image = other.image;
    random = new SplitMix64(other.random);
    System.arraycopy(other.returnTo, 0, returnTo, 0, returnTo.length);
    System.arraycopy(other.returnAddress, 0, returnAddress, 0, returnAddress.length);
    depth = other.depth;
    handlerDepth = other.handlerDepth;
    next = other.next;
    from = other.from;
    to = other.to;
  }

  /** Runs to the next taken branch and over it. */
  void takeBranch() {
    while (!step()) {
      // An untaken conditional, or the end of a signal handler: nothing to record.
    }
  }

  /** Executes one branch instruction; returns whether it was a branch taken. */
  private boolean step() {
    int at = next;
    switch (image.kind(at)) {
      case JUMP -> go(at);
      case CALL -> {
        push(at + 1, image.address(at) + CodeGenerator.CALL_BYTES);
        go(at);
      }
      case SKIP -> {
        return goIf(at, random.below(2) == 0);
      }
      case LOOP -> {
        return goIf(at, random.below(LOOP_ODDS) != 0);
      }
      case RETURN -> {
        depth--;
        next = returnTo[depth];
        if (depth == handlerDepth) {
          // rt_sigreturn(2) is a system call and no branch.
          handlerDepth = -1;
          return false;
        }
        from = image.address(at);
        to = returnAddress[depth];
      }
    }
    return true;
  }

  private void go(int at) {
    from = image.address(at);
    to = image.targetAddress(at);
    next = image.target(at);
  }

  private boolean goIf(int at, boolean taken) {
    if (taken) {
      go(at);
    } else {
      next = at + 1;
    }
    return taken;
  }

  private void push(int instruction, long address) {
    returnTo[depth] = instruction;
    returnAddress[depth] = address;
    depth++;
  }

  /** Returns whether a signal handler runs; it blocks further signals. */
  boolean inHandler() {
    return handlerDepth >= 0;
  }

  /** Enters the signal handler, which returns to where the thread is now. */
  void enterHandler() {
    handlerDepth = depth;
    push(next, 0);
    next = image.handlerEntry();
  }

  long from() {
    return from;
  }

  long to() {
    return to;
  }

  /** Returns a seed for another walk, drawn from this one's generator. */
  long splitSeed() {
    return random.next();
  }
}
