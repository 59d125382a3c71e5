package dev.bts.kernel.helper;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;

/** A System V segment of one page that a helper has to itself, and that goes with it. */
public final class OwnSegment {
  /** A line for each segment of this IPC namespace, below one of headings (ipc/shm.c). */
  private static final String SEGMENTS = "/proc/sysvipc/shm";

  private static final int KEY_FIELD = 0;
  private static final int ID_FIELD = 1;
  private static final int CREATOR_FIELD = 4;

  private OwnSegment() {}

  /**
   * Makes one.
   *
   * @return its id
   * @throws dev.bts.api.KernelException if it is refused; then nothing is left
   */
  public static int make(CallChannel channel) {
    channel.setMayLeaveSegment(true);
    int id = attach(channel);
    channel.setMayLeaveSegment(false);
    return id;
  }

  private static int attach(CallChannel channel) {
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

  /**
   * Removes what a helper has made and, because its channel failed, not been asked to remove; it
   * has ended.
   */
  static void removeLeftBy(int pid) {
    for (String line : ProcFile.lines(SEGMENTS)) {
      String[] fields = line.trim().split(" +", -1);
      if (fields.length > CREATOR_FIELD
          && fields[KEY_FIELD].equals(String.valueOf(SystemV.IPC_PRIVATE))
          && fields[CREATOR_FIELD].equals(String.valueOf(pid))) {
        int id = Integer.parseInt(fields[ID_FIELD]);
        Errno.check(
            Sys.call(Sys.SHMCTL, id, SystemV.IPC_RMID),
            "remove the System V segment " + id + " that helper process " + pid + " has left");
      }
    }
  }
}
