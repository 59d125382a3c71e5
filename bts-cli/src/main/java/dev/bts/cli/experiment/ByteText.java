package dev.bts.cli.experiment;

import dev.bts.sim.experiment.Parameter;

/** Sizes in experiments: bytes, or a number with K, M or G, or {@code unlimited}. */
final class ByteText {
  private static final String SUFFIXES = "KMG";
  private static final int BINARY_STEP = 10;

  private ByteText() {}

  /** Returns a number of bytes, -1 if it is no size. */
  static long parse(String text) {
    if (text.equals("unlimited")) {
      return Parameter.UNLIMITED;
    }
    if (!text.matches("\\d{1,9}[KMG]?")) {
      return -1;
    }
    int suffix = SUFFIXES.indexOf(text.charAt(text.length() - 1));
    String digits = suffix < 0 ? text : text.substring(0, text.length() - 1);
    return Long.parseLong(digits) << (BINARY_STEP * (suffix + 1));
  }
}
