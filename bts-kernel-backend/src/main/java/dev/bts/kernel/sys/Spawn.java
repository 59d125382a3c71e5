package dev.bts.kernel.sys;

/**
 * Starts programs with posix_spawn(3), which never runs Java code in a forked copy of the JVM:
 * glibc suspends the caller until the child has executed its program.
 */
public final class Spawn {
  /** Room for posix_spawn_file_actions_t: 80 bytes in glibc and musl, with some to spare. */
  private static final int FILE_ACTIONS_BYTES = 256;

  private Spawn() {}

  /**
   * Starts a program with an empty environment, one descriptor given to it under a new number, and
   * beside it all descriptors of this process that are not marked close-on-exec.
   *
   * @param name its only argument, argv[0]
   * @param descriptor the descriptor to give; not equal to {@code as}
   * @param as the number it gets in the program
   * @return its pid, or a negative errno, that of execve(2) included
   */
  public static long start(String path, String name, int descriptor, int as) {
    return Boundary.call(
        Boundary.Side.TRACER, Sys.VFORK, 0, 0, () -> spawn(path, name, descriptor, as));
  }

  private static long spawn(String path, String name, int descriptor, int as) {
    try (NativeBuffer pathText = NativeBuffer.string(path);
        NativeBuffer nameText = NativeBuffer.string(name);
        NativeBuffer arguments = new NativeBuffer(2 * Long.BYTES);
        NativeBuffer environment = new NativeBuffer(Long.BYTES);
        NativeBuffer pid = new NativeBuffer(Integer.BYTES);
        NativeBuffer actions = new NativeBuffer(FILE_ACTIONS_BYTES)) {
      arguments.bytes().putLong(0, nameText.address());
      int error = Libc.posix_spawn_file_actions_init(actions.address());
      if (error != 0) {
        return -error;
      }
      error = Libc.posix_spawn_file_actions_adddup2(actions.address(), descriptor, as);
      if (error == 0) {
        error =
            Libc.posix_spawn(
                pid.address(),
                pathText.address(),
                actions.address(),
                0,
                arguments.address(),
                environment.address());
      }
      Libc.posix_spawn_file_actions_destroy(actions.address());
      return error == 0 ? pid.bytes().getInt(0) : -error;
    }
  }
}
