package dev.bts.api;

import org.jspecify.annotations.Nullable;

/**
 * A target that cannot be traced: absent, vanished, not permitted, setuid, 32-bit, already traced.
 */
public final class TargetException extends BtsException {
  private static final long serialVersionUID = 1L;

  /** Creates the failure. */
  public TargetException(Explanation explanation) {
    this(explanation, null);
  }

  /** Creates the failure with the exception that caused it. */
  public TargetException(Explanation explanation, @Nullable Throwable cause) {
    super(explanation, cause);
  }
}
