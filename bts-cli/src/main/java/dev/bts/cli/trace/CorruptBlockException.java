package dev.bts.cli.trace;

/** A block whose content is not what its head and the format promise. */
final class CorruptBlockException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates it; the message completes the sentence "this block is damaged because …". */
  CorruptBlockException(String message) {
    super(message);
  }

  CorruptBlockException(String message, Throwable cause) {
    super(message, cause);
  }
}
