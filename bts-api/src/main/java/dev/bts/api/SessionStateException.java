package dev.bts.api;

import org.jspecify.annotations.Nullable;

/** A call that the session's present state does not allow. */
public final class SessionStateException extends BtsException {
  private static final long serialVersionUID = 1L;

  /** Creates the failure. */
  public SessionStateException(Explanation explanation) {
    this(explanation, null);
  }

  /** Creates the failure with the exception that caused it. */
  public SessionStateException(Explanation explanation, @Nullable Throwable cause) {
    super(explanation, cause);
  }
}
