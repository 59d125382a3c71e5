package dev.bts.api;

import org.jspecify.annotations.Nullable;

/** A system call that failed in a way nobody asked for; carries the errno. */
public final class KernelException extends BtsException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /** Creates the failure for an errno of the kernel (0 where it is not known). */
  public KernelException(Explanation explanation, int errno) {
    this(explanation, errno, null);
  }

  /** Creates the failure with the exception that caused it. */
  public KernelException(Explanation explanation, int errno, @Nullable Throwable cause) {
    super(explanation, cause);
    this.errno = errno;
  }

  /** Returns the errno, 0 where it is not known. */
  public int errno() {
    return errno;
  }
}
