package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Sys;

/** A helper process that becomes a user, to measure on the user's own accounts. */
final class UserHelper {
  private UserHelper() {}

  /**
   * Makes a helper a process of a user, with real, effective and saved user id. Leaving root it
   * loses its capabilities.
   *
   * @param uid the user's id; the helper's own leaves everything as it is
   * @throws KernelException if the kernel does not allow it
   */
  static void become(HelperProcess helper, int uid) {
    if (uid == (int) helper.call(Sys.GETUID)) {
      return;
    }
    long answer = helper.call(Sys.SETRESUID, uid, uid, uid);
    if (Errno.isError(answer)) {
      throw new KernelException(
          new Explanation(
              "measure what uid " + Integer.toUnsignedString(uid) + " has locked",
              "no file shows it, and only that user or root can measure it (setresuid answered "
                  + Errno.name((int) -answer)
                  + ")",
              "ask as that user, or as root"),
          (int) -answer);
    }
  }
}
