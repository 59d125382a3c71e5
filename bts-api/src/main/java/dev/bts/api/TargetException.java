package dev.bts.api;

import org.jspecify.annotations.Nullable;

/**
 * A target that cannot be traced: absent, vanished, not permitted, setuid, 32-bit, already traced.
 */
public final class TargetException extends BtsException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** What is the matter with a target, as far as a shell tells the cases apart. */
  public enum Reason {
    /** There is no such command (ENOENT of execve). */
    NOT_FOUND,
    /** There is such a file, but the kernel does not execute it (EACCES, ENOEXEC …). */
    NOT_EXECUTABLE,
    /** The target is there, or was, but cannot be traced. */
    NOT_TRACEABLE
  }

  /** Creates the failure of a target that is {@link Reason#NOT_TRACEABLE}. */
  public TargetException(Explanation explanation) {
    this(explanation, Reason.NOT_TRACEABLE, null);
  }

  /** Creates the failure of a target that is {@link Reason#NOT_TRACEABLE}, with its cause. */
  public TargetException(Explanation explanation, @Nullable Throwable cause) {
    this(explanation, Reason.NOT_TRACEABLE, cause);
  }

  /** Creates the failure. */
  public TargetException(Explanation explanation, Reason reason) {
    this(explanation, reason, null);
  }

  private TargetException(Explanation explanation, Reason reason, @Nullable Throwable cause) {
    super(explanation, cause);
    this.reason = reason;
  }

  /** Returns what is the matter. */
  public Reason reason() {
    return reason;
  }
}
