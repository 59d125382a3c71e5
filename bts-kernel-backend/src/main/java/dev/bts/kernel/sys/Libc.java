package dev.bts.kernel.sys;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** The C functions that bts calls, bound by JNA direct mapping. */
final class Libc {
  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  /** syscall(2) with all six arguments; returns -1 and sets errno on failure. */
  static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  /** posix_spawn(3) with addresses; returns 0 or an errno. */
  static native int posix_spawn(
      long pid, long path, long fileActions, long attributes, long argv, long envp);

  /** posix_spawn_file_actions_init(3); returns 0 or an errno. */
  static native int posix_spawn_file_actions_init(long fileActions);

  /** posix_spawn_file_actions_adddup2(3); returns 0 or an errno. */
  static native int posix_spawn_file_actions_adddup2(long fileActions, int from, int to);

  /** posix_spawn_file_actions_destroy(3); returns 0 or an errno. */
  static native int posix_spawn_file_actions_destroy(long fileActions);

  /** sigaction(3) with addresses; returns 0, or -1 and sets errno. */
  static native int sigaction(int signal, long action, long old);

  /** getpwnam(3); returns null for an unknown name. Not safe for several threads. */
  static native @Nullable Pointer getpwnam(String name);
}
