package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The threat model: every sentence of its tables names a test, and every such test exists. */
class SecurityDocTest {
  private static final String DOCUMENT = "docs/security.md";

  /** Files, and sentences about programs, processes and the kernel. */
  private static final int ROWS_LEAST = 20;

  /** Returns the rows of the tables whose second column is the proof. */
  private static List<String> proved() throws IOException {
    List<String> rows = new ArrayList<>();
    boolean inside = false;
    for (String line : Repository.read(DOCUMENT).lines().toList()) {
      if (!line.startsWith("|")) {
        inside = false;
      } else if (line.endsWith("| proof |")) {
        inside = true;
      } else if (inside && !line.startsWith("|-")) {
        rows.add(line);
      }
    }
    return rows;
  }

  @Test
  void everySentenceNamesATest() throws IOException {
    assertThat(proved()).hasSizeGreaterThan(ROWS_LEAST).allMatch(NamedTests::areIn);
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    assertThat(NamedTests.missing(DOCUMENT)).as("tests that " + DOCUMENT + " names").isEmpty();
  }
}
