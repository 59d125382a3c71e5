package dev.bts.cli.perfdata;

/** Bytes of a perf.data file that cannot be what they should be. */
final class DamagedDataException extends Exception {
  private static final long serialVersionUID = 1L;

  DamagedDataException(String message) {
    super(message);
  }

  DamagedDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
