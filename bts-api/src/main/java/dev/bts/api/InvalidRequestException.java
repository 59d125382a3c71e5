package dev.bts.api;

import org.jspecify.annotations.Nullable;

/** A request that can never be fulfilled, whatever the machine: found when it is built. */
public final class InvalidRequestException extends BtsException {
  private static final long serialVersionUID = 1L;

  /** Creates the failure. */
  public InvalidRequestException(Explanation explanation) {
    this(explanation, null);
  }

  /** Creates the failure with the exception that caused it. */
  public InvalidRequestException(Explanation explanation, @Nullable Throwable cause) {
    super(explanation, cause);
  }
}
