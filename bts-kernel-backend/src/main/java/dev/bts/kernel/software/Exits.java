package dev.bts.kernel.software;

/**
 * The ways out of the cache as they can be read from its memory, without knowing anything of the
 * translation: an int3, a jump back to it, and the address to go on at, or 0 for the thread's
 * target.
 *
 * <p>The jump is for a tracer that dies. Once it has waited for a stop, the kernel does not deliver
 * what the stop was for (kernel/exit.c, wait_task_stopped() takes the exit code), and the thread
 * goes on behind the int3: it comes back, and its next trap is delivered.
 */
public final class Exits {
  private static final int INT3 = 0xcc;
  private static final int BYTE_MASK = 0xff;

  /** How far behind the int3 the address stands. */
  static final int DESTINATION_AT = 3;

  private Exits() {}

  /** Returns whether bytes begin with the instruction of a way out. */
  public static boolean isExit(long bytes) {
    return (bytes & BYTE_MASK) == INT3;
  }

  /** Returns where the address to go on at stands. */
  public static long destination(long exit) {
    return exit + DESTINATION_AT;
  }

  /** Returns the address of the target of the last indirect branch, in the area of a thread. */
  public static long target(long area) {
    return area + ThreadArea.TARGET;
  }

  /** Returns the address of the GS base that the program has, in the area of a thread. */
  public static long programGs(long area) {
    return area + ThreadArea.PROGRAM_GS;
  }
}
