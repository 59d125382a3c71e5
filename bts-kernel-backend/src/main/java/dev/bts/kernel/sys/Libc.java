package dev.bts.kernel.sys;

import com.sun.jna.Native;

/** The two C functions that bts calls, bound by JNA direct mapping. */
final class Libc {
  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  /** syscall(2) with all six arguments; returns -1 and sets errno on failure. */
  static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  /** posix_spawn(3) with addresses; returns 0 or an errno. */
  @SuppressWarnings("checkstyle:MethodName")
  static native int posix_spawn(
      long pid, long path, long fileActions, long attributes, long argv, long envp);
}
