package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The page of messages: its commands print what it says, and the tests that it names exist; their
 * messages stand in the sources as they stand in the page.
 */
class TroubleshootingDocTest {
  private static final String DOCUMENT = "docs/troubleshooting.md";
  private static final int ROWS_LEAST = 20;
  private static final String VARIES = "…";

  /** A message first, and what shows it in brackets at the end. */
  private static final Pattern ITEM = Pattern.compile("(?m)^- `([^`]+)`: .* \\(`([^`]+)`\\)$");

  /** Where Java breaks a long text. */
  private static final Pattern JOINT = Pattern.compile("\"\\s*\\+\\s*\"");

  @TempDir static Path shared;

  @TempDir Path directory;

  /** A message, and what shows it: shell commands, or the name of a test. */
  record Row(String message, String shownBy) {
    boolean isCommand() {
      return !NamedTests.areIn("`" + shownBy + "`");
    }

    List<String> fixedParts() {
      return Arrays.stream(message.split(VARIES, -1)).map(String::strip).toList();
    }

    Pattern pattern() {
      return Pattern.compile(String.join(".*", fixedParts().stream().map(Pattern::quote).toList()));
    }
  }

  static List<Row> rows() throws IOException {
    return ITEM.matcher(Repository.read(DOCUMENT).replaceAll("\\n {2}", " "))
        .results()
        .map(item -> new Row(item.group(1), item.group(2)))
        .toList();
  }

  /** Returns all Java, with no text broken. */
  private static String sources() throws IOException {
    return Repository.texts().entrySet().stream()
        .filter(file -> file.getKey().toString().endsWith(".java"))
        .map(file -> JOINT.matcher(file.getValue()).replaceAll(""))
        .collect(Collectors.joining("\n"));
  }

  static Stream<Row> commands() throws IOException {
    return rows().stream().filter(Row::isCommand);
  }

  /** Makes a command named bts that an ordinary user may execute. */
  @BeforeAll
  static void install() throws IOException {
    Requirements.tool("setpriv", "install util-linux");
    Users.letEverybodyIn(shared);
    List<String> line = BtsCommand.lineForAnybody(shared.resolve("classes"), List.of());
    Path bts =
        Files.writeString(
            shared.resolve("bts"), "#!/bin/sh\nexec " + String.join(" ", line) + " \"$@\"\n");
    Files.setPosixFilePermissions(bts, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theCommandsPrintIt(Row row) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    List<String> line = new ArrayList<>(Users.ordinary());
    line.addAll(List.of("sh", "-c", row.shownBy()));
    CommandRun run = CommandRun.of(line, Map.of("PATH", shared + ":/usr/bin:/bin"), directory);
    assertThat(run.output() + run.errors()).containsPattern(row.pattern());
  }

  @Test
  void whatNoCommandShowsATestDoes() throws IOException {
    assertThat(rows()).hasSizeGreaterThan(ROWS_LEAST);
    assertThat(NamedTests.missing(DOCUMENT)).as("tests that " + DOCUMENT + " names").isEmpty();
    String sources = sources();
    for (Row row : rows()) {
      if (!row.isCommand()) {
        assertThat(row.fixedParts()).allMatch(sources::contains, "stands in the sources");
      }
    }
  }
}
