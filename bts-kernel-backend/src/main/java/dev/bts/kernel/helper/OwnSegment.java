package dev.bts.kernel.helper;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;

/** A System V segment of one page that a helper has to itself, and that goes with it. */
public final class OwnSegment {
  private OwnSegment() {}

  /**
   * Makes one.
   *
   * @return its id
   * @throws dev.bts.api.KernelException if it is refused; then nothing is left
   */
  public static int make(CallChannel channel) {
    long made =
        channel.call(
            Sys.SHMGET,
            SystemV.IPC_PRIVATE,
            Mapping.PAGE_BYTES,
            SystemV.IPC_CREAT | SystemV.OWNER_ONLY);
    int id = (int) Errno.check(made, "create a System V segment of one page");
    long attached = channel.call(Sys.SHMAT, id);
    // Nobody else removes it: it would outlive all processes.
    long removed = Insistence.call(() -> channel.call(Sys.SHMCTL, id, SystemV.IPC_RMID));
    Errno.check(attached, "attach a System V segment of one page");
    Errno.check(removed, "remove a System V segment of one page");
    return id;
  }
}
