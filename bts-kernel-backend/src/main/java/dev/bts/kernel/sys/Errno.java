package dev.bts.kernel.sys;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;

/** Error numbers of {@code asm-generic/errno.h} that bts tells apart. */
public final class Errno {
  /** Operation not permitted. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** No such process. */
  public static final int ESRCH = 3;

  /** Interrupted system call. */
  public static final int EINTR = 4;

  /** Input/output error. */
  public static final int EIO = 5;

  /** Argument list too long. */
  public static final int E2BIG = 7;

  /** Exec format error. */
  public static final int ENOEXEC = 8;

  /** No child processes. */
  public static final int ECHILD = 10;

  /** Try again; for locked memory: over RLIMIT_MEMLOCK. */
  public static final int EAGAIN = 11;

  /** Out of memory; for mappings: over RLIMIT_AS. */
  public static final int ENOMEM = 12;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** Bad address. */
  public static final int EFAULT = 14;

  /** Device or resource busy. */
  public static final int EBUSY = 16;

  /** File exists. */
  public static final int EEXIST = 17;

  /** No such device. */
  public static final int ENODEV = 19;

  /** Not a directory. */
  public static final int ENOTDIR = 20;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** Too many open files in the system. */
  public static final int ENFILE = 23;

  /** Too many open files in the process. */
  public static final int EMFILE = 24;

  /** Text file busy. */
  public static final int ETXTBSY = 26;

  /** No space left on device; for System V: too many segments. */
  public static final int ENOSPC = 28;

  /** Broken pipe. */
  public static final int EPIPE = 32;

  /** File name too long. */
  public static final int ENAMETOOLONG = 36;

  /** Function not implemented. */
  public static final int ENOSYS = 38;

  /** Too many symbolic links. */
  public static final int ELOOP = 40;

  /** Operation not supported. */
  public static final int EOPNOTSUPP = 95;

  /** Identifier removed; for System V: the segment is gone. */
  static final int EIDRM = 43;

  /** Connection reset by peer. */
  public static final int ECONNRESET = 104;

  /** No buffer space available. */
  static final int ENOBUFS = 105;

  /** Disk quota exceeded. */
  static final int EDQUOT = 122;

  /** The first of the in-kernel codes that ask for a restart of the call (linux/errno.h). */
  public static final int ERESTARTSYS = 512;

  /** Restart through restart_syscall(2). */
  public static final int ERESTART_RESTARTBLOCK = 516;

  /** The largest errno that a system call can answer (linux/err.h). */
  private static final int MAX_ERRNO = 4095;

  private static final String[] NAMES = {
    "success",
    "EPERM",
    "ENOENT",
    "ESRCH",
    "EINTR",
    "EIO",
    "ENXIO",
    "E2BIG",
    "ENOEXEC",
    "EBADF",
    "ECHILD",
    "EAGAIN",
    "ENOMEM",
    "EACCES",
    "EFAULT",
    "ENOTBLK",
    "EBUSY",
    "EEXIST",
    "EXDEV",
    "ENODEV",
    "ENOTDIR",
    "EISDIR",
    "EINVAL",
    "ENFILE",
    "EMFILE",
    "ENOTTY",
    "ETXTBSY",
    "EFBIG",
    "ENOSPC",
    "ESPIPE",
    "EROFS",
    "EMLINK",
    "EPIPE",
    "EDOM",
    "ERANGE",
    "EDEADLK",
    "ENAMETOOLONG",
    "ENOLCK",
    "ENOSYS",
    "ENOTEMPTY",
    "ELOOP"
  };

  private Errno() {}

  /** Returns the name of an errno, such as {@code EPERM}. */
  public static String name(int errno) {
    return switch (errno) {
      // Those far behind the last one of the table.
      case EIDRM -> "EIDRM";
      case EOPNOTSUPP -> "EOPNOTSUPP";
      case ECONNRESET -> "ECONNRESET";
      case ENOBUFS -> "ENOBUFS";
      case EDQUOT -> "EDQUOT";
      default -> errno >= 0 && errno < NAMES.length ? NAMES[errno] : "errno " + errno;
    };
  }

  /** Returns whether a result is a negative errno; addresses, as signed numbers, never are. */
  public static boolean isError(long result) {
    return result < 0 && result >= -MAX_ERRNO;
  }

  /**
   * Returns the result of a call that must not fail.
   *
   * @throws KernelException if it is a negative errno
   */
  public static long check(long result, String asked) {
    if (isError(result)) {
      int errno = (int) -result;
      throw new KernelException(
          new Explanation(
              asked, "the kernel answered " + name(errno), "see the call's manual page"),
          errno);
    }
    return result;
  }
}
