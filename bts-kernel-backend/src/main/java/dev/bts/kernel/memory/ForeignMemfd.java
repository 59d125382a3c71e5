package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.TargetException;
import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.FileStatus;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;

/**
 * A memfd of another process, opened here without trust in that process.
 *
 * <p>While one of its threads stands, others may run and put any file in the descriptor's place,
 * even one that they may only name and that this process, with its rights, would then open and
 * write to. So the file is found without being opened, must be a regular one, and is then sealed,
 * which only a memfd can be and which keeps its size: a file cut short under a mapping is a SIGBUS.
 * Whether it is the one that the process maps, the caller finds out by its {@link #inode}.
 */
final class ForeignMemfd implements AutoCloseable {
  private final int descriptor;
  private final long inode;

  private ForeignMemfd(int descriptor, long inode) {
    this.descriptor = descriptor;
    this.inode = inode;
  }

  /**
   * Opens.
   *
   * @param link the file's place below /proc/PID of a thread that lives, such as {@code fd/3}
   * @throws KernelException if the kernel refuses
   * @throws TargetException if it is not a memfd of this size
   */
  static ForeignMemfd open(int pid, String link, long bytes) {
    String path = ProcFile.shared(pid, link);
    int found =
        (int) Errno.check(open(path, Descriptors.O_PATH | Descriptors.O_CLOEXEC), "open " + path);
    int opened;
    long inode;
    try (NativeBuffer status = status(found)) {
      boolean regular =
          (status.bytes().getInt(FileStatus.MODE_OFFSET) & FileStatus.KIND_MASK)
              == FileStatus.REGULAR;
      if (!regular) {
        throw replaced(pid, link);
      }
      inode = status.bytes().getLong(FileStatus.INODE_OFFSET);
      String same = "/proc/self/fd/" + found;
      opened =
          (int) Errno.check(open(same, Descriptors.O_RDWR | Descriptors.O_CLOEXEC), "open " + path);
    } finally {
      Descriptors.close(found);
    }
    ForeignMemfd memfd = new ForeignMemfd(opened, inode);
    boolean done = false;
    try {
      long refused = memfd.seal();
      if (refused < 0) {
        throw replaced(pid, link, "it cannot be sealed (" + Errno.name((int) -refused) + ")");
      }
      if (memfd.bytes() != bytes) {
        throw replaced(pid, link);
      }
      done = true;
      return memfd;
    } finally {
      if (!done) {
        memfd.close();
      }
    }
  }

  private static long open(String path, int flags) {
    try (NativeBuffer text = NativeBuffer.string(path)) {
      return Sys.call(Sys.OPEN, text.address(), flags);
    }
  }

  private static NativeBuffer status(int descriptor) {
    NativeBuffer status = new NativeBuffer(FileStatus.BYTES);
    Errno.check(Sys.call(Sys.FSTAT, descriptor, status.address()), "look at a descriptor");
    return status;
  }

  /** Seals the size, unless it is; returns 0 or a negative errno. */
  private long seal() {
    int seals = Descriptors.F_SEAL_SHRINK | Descriptors.F_SEAL_GROW | Descriptors.F_SEAL_SEAL;
    return Sys.call(Sys.FCNTL, descriptor, Descriptors.F_GET_SEALS, 0, 0) == seals
        ? 0
        : Sys.call(Sys.FCNTL, descriptor, Descriptors.F_ADD_SEALS, seals, 0);
  }

  private long bytes() {
    try (NativeBuffer status = status(descriptor)) {
      return status.bytes().getLong(FileStatus.SIZE_OFFSET);
    }
  }

  /** Returns the failure of a file that is not the one expected. */
  static TargetException replaced(int pid, String link) {
    return replaced(pid, link, "one of its threads has replaced it");
  }

  private static TargetException replaced(int pid, String link, String reason) {
    return new TargetException(
        new Explanation(
            "share a buffer with process " + pid,
            "its " + link + " is no longer the buffer that was just made: " + reason,
            "do not charge a process that tampers with its tracer's memory: --charge tracer"));
  }

  long inode() {
    return inode;
  }

  int descriptor() {
    return descriptor;
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
