package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.Requirements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs of the page about the library compile, run, and print what the page says. */
class LibraryDocTest {
  private static final String PAGE = "docs/library.md";
  private static final int PROGRAMS = 5;
  private static final Pattern LIMIT = Pattern.compile("`ulimit -l (\\d+)`");
  private static final long KIB = 1024;

  @TempDir Path directory;

  static List<Snippet> programs() throws IOException {
    return Snippet.of(PAGE);
  }

  @Test
  void thePageHasThem() throws IOException {
    assertThat(programs()).hasSize(PROGRAMS).noneMatch(program -> program.output().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void printsWhatThePageSays(Snippet program) throws IOException, InterruptedException {
    program.compile(directory);
    List<String> line = new ArrayList<>();
    Matcher limit = LIMIT.matcher(program.between());
    if (limit.find()) {
      Requirements.tool("prlimit", "install util-linux");
      line.addAll(List.of("prlimit", "--memlock=" + Long.parseLong(limit.group(1)) * KIB));
    }
    line.addAll(program.line(directory));
    if (program.source().contains("arguments[0]")) {
      try (SpinningProgram spin =
          SpinningProgram.start(List.of(), 2, directory.resolve("errors"))) {
        line.add(String.valueOf(spin.pid()));
        assertPrints(program, line);
        spin.expectToCompute();
      }
    } else {
      assertPrints(program, line);
    }
  }

  private void assertPrints(Snippet program, List<String> line) throws IOException {
    CommandRun run = CommandRun.of(line, Map.of("PATH", "/usr/bin:/bin"), directory);
    assertThat(run.status()).as(run.errors()).isZero();
    assertThat(run.output()).matches(program.printed());
  }
}
