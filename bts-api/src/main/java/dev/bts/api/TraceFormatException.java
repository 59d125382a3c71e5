package dev.bts.api;

import org.jspecify.annotations.Nullable;

/** A trace file that is damaged, truncated, or not a trace file. */
public final class TraceFormatException extends BtsException {
  private static final long serialVersionUID = 1L;

  /** Creates the failure. */
  public TraceFormatException(Explanation explanation) {
    this(explanation, null);
  }

  /** Creates the failure with the exception that caused it. */
  public TraceFormatException(Explanation explanation, @Nullable Throwable cause) {
    super(explanation, cause);
  }
}
