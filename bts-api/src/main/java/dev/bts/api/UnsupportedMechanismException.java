package dev.bts.api;

import org.jspecify.annotations.Nullable;

/** A mechanism that this machine was measured not to offer. */
public final class UnsupportedMechanismException extends BtsException {
  private static final long serialVersionUID = 1L;

  /** Creates the failure. */
  public UnsupportedMechanismException(Explanation explanation) {
    this(explanation, null);
  }

  /** Creates the failure with the exception that caused it. */
  public UnsupportedMechanismException(Explanation explanation, @Nullable Throwable cause) {
    super(explanation, cause);
  }
}
