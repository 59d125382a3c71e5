package dev.bts.kernel;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.TargetException;
import dev.bts.kernel.memory.KernelTasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Programs that run with another user's or group's rights. Under a tracer without CAP_SYS_PTRACE
 * the kernel runs them without those rights (fs/exec.c, bprm_fill_uid), so they would behave
 * otherwise than they do.
 */
final class SetUserId {
  private static final int SET_UID_OR_GID = 06000;

  private SetUserId() {}

  /**
   * Refuses a program that would lose rights by being traced.
   *
   * @throws TargetException if it is one
   */
  static void refuse(Path program) {
    if (KernelTasks.self().principal().uid() == 0) {
      return;
    }
    try {
      int mode = (int) Files.getAttribute(program, "unix:mode");
      if ((mode & SET_UID_OR_GID) != 0) {
        throw new TargetException(
            new Explanation(
                "trace '" + program + "'",
                "it is a set-user-ID or set-group-ID program, and under an ordinary user's tracer the"
                    + " kernel runs it without those rights",
                "run bts as root"));
      }
    } catch (IOException e) {
      throw new KernelException(
          new Explanation("look at the mode of '" + program + "'", e.toString(), ""), 0, e);
    }
  }
}
