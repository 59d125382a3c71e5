package dev.bts.kernel.ordinary;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What became of one test, as one line from JVM to JVM.
 *
 * @param outcome {@code SUCCESSFUL}, {@code ABORTED} or {@code FAILED}
 * @param name the test
 * @param reason why it was aborted or failed, else empty
 */
record TestReport(String outcome, String name, String reason) {
  /** What a line begins with: a test may print lines of its own. */
  private static final String MARK = "test-report";

  private static final String SEPARATOR = " ";
  private static final int FIELDS = 4;

  String line() {
    return String.join(SEPARATOR, MARK, outcome, encode(name), encode(reason));
  }

  static boolean isLine(String line) {
    return line.startsWith(MARK + SEPARATOR);
  }

  static TestReport parse(String line) {
    String[] fields = line.split(SEPARATOR, FIELDS);
    return new TestReport(fields[1], decode(fields[2]), decode(fields[3]));
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }
}
