package dev.bts.cli;

import java.util.Locale;

/** Text for people. */
final class Plain {
  private static final long KIB = 1024;
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  private Plain() {}

  /**
   * Returns a text without control characters: what files and programs say may reach a terminal.
   */
  static String text(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return text.codePoints()
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
      }
    }
    return text;
  }

  /** Returns a number with its noun: {@code 1 thread}, {@code 2 threads}. */
  static String count(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }

  /** Returns a size with a binary unit, exact where it is a whole number of units. */
  static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= KIB && unit < UNITS.length - 1) {
      value /= KIB;
      unit++;
    }
    return value == Math.rint(value)
        ? (long) value + " " + UNITS[unit]
        : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }
}
