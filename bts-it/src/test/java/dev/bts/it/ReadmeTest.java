package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java program of the README compiles and runs as it stands there. */
class ReadmeTest {
  private static final int LONGEST_EXAMPLE_LINES = 15;

  @TempDir Path directory;

  @Test
  void theExampleIsShort() throws IOException {
    assertThat(example().lines()).hasSizeLessThanOrEqualTo(LONGEST_EXAMPLE_LINES);
  }

  @Test
  void theExampleTracesACommand() throws IOException {
    Path source = directory.resolve("Example.java");
    Files.writeString(source, example());
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", BtsCommand.CLASS_PATH, source.toString());
    assertThat(compiled).isZero();

    CommandRun run =
        CommandRun.of(
            BtsCommand.java(directory + ":" + BtsCommand.CLASS_PATH, "Example"),
            Map.of("PATH", "/usr/bin:/bin"),
            directory);
    assertThat(run.status()).isZero();
    assertThat(run.output()).contains("Example.java", "ProcessExited", "ExitStatus[code=0");
    assertThat(run.output().lines().filter(line -> line.matches("[0-9a-f]+ -> [0-9a-f]+")))
        .as("branches")
        .hasSizeGreaterThan(1000);
  }

  private static String example() throws IOException {
    Matcher block =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Repository.read("README.md"));
    assertThat(block.find()).as("a Java block in the README").isTrue();
    return block.group(1);
  }
}
