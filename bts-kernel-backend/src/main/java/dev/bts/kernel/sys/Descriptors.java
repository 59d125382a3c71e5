package dev.bts.kernel.sys;

/** Flags of open(2), fcntl(2) and access(2), and what is done with file descriptors. */
public final class Descriptors {
  /** O_RDWR. */
  public static final int O_RDWR = 2;

  /** O_CLOEXEC. */
  public static final int O_CLOEXEC = 0x80000;

  /** O_PATH: finds the file without opening it, so that no driver notices. */
  public static final int O_PATH = 0x200000;

  /** F_SETFD. */
  public static final int F_SETFD = 2;

  /** FD_CLOEXEC. */
  public static final int FD_CLOEXEC = 1;

  /** F_DUPFD_CLOEXEC. */
  public static final int F_DUPFD_CLOEXEC = 1030;

  /** F_ADD_SEALS. */
  public static final int F_ADD_SEALS = 1033;

  /** F_GET_SEALS. */
  public static final int F_GET_SEALS = 1034;

  /** F_SEAL_SEAL: no seal can be added later. */
  public static final int F_SEAL_SEAL = 1;

  /** F_SEAL_SHRINK: the file cannot become smaller. */
  public static final int F_SEAL_SHRINK = 2;

  /** F_SEAL_GROW: the file cannot become larger. */
  public static final int F_SEAL_GROW = 4;

  /** F_OK: the file exists. */
  public static final int F_OK = 0;

  /** X_OK: the file may be executed, or the directory searched. */
  public static final int X_OK = 1;

  /** The last of the standard descriptors: 0, 1 and 2. */
  public static final int STANDARD_ERROR = 2;

  /** FALLOC_FL_KEEP_SIZE. */
  public static final int FALLOC_FL_KEEP_SIZE = 1;

  /** FALLOC_FL_PUNCH_HOLE. */
  public static final int FALLOC_FL_PUNCH_HOLE = 2;

  private Descriptors() {}

  /**
   * Closes a descriptor of this process. Linux frees it whatever close(2) answers, and nothing that
   * bts closes has written data whose loss an answer could report.
   */
  public static void close(int descriptor) {
    Sys.call(Sys.CLOSE, descriptor, 0);
  }
}
