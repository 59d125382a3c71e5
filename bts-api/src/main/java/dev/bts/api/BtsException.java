package dev.bts.api;

import org.jspecify.annotations.Nullable;

/**
 * The root of all failures that bts reports. A failed operation leaves nothing charged, no page
 * locked, no stopped tracee, no breakpoint and no descriptor behind.
 */
public abstract sealed class BtsException extends RuntimeException
    permits ChargeRefusedException,
        InvalidRequestException,
        KernelException,
        SessionStateException,
        TargetException,
        TraceFormatException,
        UnsupportedMechanismException {
  private static final long serialVersionUID = 1L;

  private final transient Explanation explanation;

  /** Creates a failure that explains itself. */
  protected BtsException(Explanation explanation, @Nullable Throwable cause) {
    super(explanation.toString(), cause);
    this.explanation = explanation;
  }

  /** Returns what was asked, what stood in the way and what to do. */
  public Explanation explanation() {
    return explanation;
  }
}
