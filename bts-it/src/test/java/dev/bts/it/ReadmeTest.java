package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java program of the README compiles and runs as it stands there. */
class ReadmeTest {
  private static final int LONGEST_EXAMPLE_LINES = 15;

  @TempDir Path directory;

  @Test
  void theExampleIsShort() throws IOException {
    assertThat(example().source().lines()).hasSizeLessThanOrEqualTo(LONGEST_EXAMPLE_LINES);
  }

  @Test
  void theExampleTracesACommand() throws IOException {
    Snippet example = example();
    example.compile(directory);
    CommandRun run =
        CommandRun.of(example.line(directory), Map.of("PATH", "/usr/bin:/bin"), directory);
    assertThat(run.status()).isZero();
    assertThat(run.output()).contains("Example.java", "ProcessExited", "ExitStatus[code=0");
    assertThat(run.output().lines().filter(line -> line.matches("[0-9a-f]+ -> [0-9a-f]+")))
        .as("branches")
        .hasSizeGreaterThan(1000);
  }

  private static Snippet example() throws IOException {
    List<Snippet> programs = Snippet.of("README.md");
    assertThat(programs).hasSize(1);
    return programs.get(0);
  }
}
