package dev.bts.kernel.software;

/**
 * The ways out of the cache as they can be read from its memory, without knowing anything of the
 * translation: behind an int3 stands the address to go on at, or 0 for the thread's target.
 */
public final class Exits {
  private static final int INT3 = 0xcc;
  private static final int BYTE_MASK = 0xff;

  private Exits() {}

  /** Returns whether bytes begin with the instruction of a way out. */
  public static boolean isExit(long bytes) {
    return (bytes & BYTE_MASK) == INT3;
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
