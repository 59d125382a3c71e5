package dev.bts.cli;

import dev.bts.api.BufferSpec;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;

/** Sizes on the command line: bytes, or a number with K, M or G, or {@code auto}. */
final class ByteSize {
  private static final int DECIMAL = 10;
  private static final int BINARY_STEP = 10;
  private static final String SUFFIXES = "KMG";

  private ByteSize() {}

  /**
   * Returns the number of bytes, {@link BufferSpec#AUTO} for {@code auto}.
   *
   * @throws InvalidRequestException if it is no size, or more than 63 bits
   */
  static long parse(String text) {
    if (text.equals("auto")) {
      return BufferSpec.AUTO;
    }
    int suffix =
        text.isEmpty()
            ? -1
            : SUFFIXES.indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
    int digits = suffix < 0 ? text.length() : text.length() - 1;
    if (digits == 0) {
      throw invalid(text, "it is no number");
    }
    try {
      long bytes = 0;
      for (int i = 0; i < digits; i++) {
        char c = text.charAt(i);
        if (c < '0' || c > '9') {
          throw invalid(text, "it is no number");
        }
        bytes = Math.addExact(Math.multiplyExact(bytes, DECIMAL), c - '0');
      }
      return Math.multiplyExact(bytes, 1L << (BINARY_STEP * (suffix + 1)));
    } catch (ArithmeticException e) {
      throw invalid(text, "it has more than 63 bits");
    }
  }

  private static InvalidRequestException invalid(String text, String obstacle) {
    return new InvalidRequestException(
        new Explanation(
            "a buffer of size '" + text + "'",
            obstacle,
            "give --buffer a number of bytes, such as 65536, 64K or 1M, or auto"));
  }
}
