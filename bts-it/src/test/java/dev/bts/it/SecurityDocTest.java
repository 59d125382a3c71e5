package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The threat model: every sentence of its tables names a test, and every such test exists. */
class SecurityDocTest {
  private static final String DOCUMENT = "docs/security.md";
  private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");

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
    assertThat(proved()).hasSizeGreaterThan(ROWS_LEAST).allMatch(row -> NAMED.matcher(row).find());
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    var sources = Repository.texts();
    List<String> missing = new ArrayList<>();
    for (MatchResult named : NAMED.matcher(Repository.read(DOCUMENT)).results().toList()) {
      Pattern declaration = Pattern.compile("(void|Stream<DynamicTest>) " + named.group(2) + "\\(");
      Collection<String> declaring =
          sources.entrySet().stream()
              .filter(source -> source.getKey().endsWith(named.group(1) + ".java"))
              .map(source -> source.getValue())
              .filter(text -> declaration.matcher(text).find())
              .toList();
      if (declaring.isEmpty()) {
        missing.add(named.group());
      }
    }
    assertThat(missing).as("tests that " + DOCUMENT + " names").isEmpty();
  }
}
