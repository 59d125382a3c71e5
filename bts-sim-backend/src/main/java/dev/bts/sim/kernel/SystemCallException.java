package dev.bts.sim.kernel;

/** A modelled system call that returned an error; it changed nothing. */
public final class SystemCallException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  SystemCallException(Errno errno, String call) {
    super(call + ": " + errno);
    this.errno = errno;
  }

  /** Returns the error code. */
  public Errno errno() {
    return errno;
  }
}
