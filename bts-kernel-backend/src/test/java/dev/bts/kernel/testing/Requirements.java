package dev.bts.kernel.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs from the machine. Where it is missing the test is skipped with the reason, or
 * fails if the system property {@code bts.required} names {@code tools}, as continuous integration
 * does, which installs them.
 */
public final class Requirements {
  private static final boolean TOOLS_REQUIRED =
      List.of(System.getProperty("bts.required", "").split(",", -1)).contains("tools");

  private Requirements() {}

  /** Requires a program on PATH. */
  public static void tool(String name, String remedy) {
    String path = System.getenv().getOrDefault("PATH", "");
    boolean present =
        Pattern.compile(":")
            .splitAsStream(path)
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    require(present, name + " is not on PATH: " + remedy);
  }

  /** Requires a file. */
  public static void file(Path file, String remedy) {
    require(Files.exists(file), file + " is not there: " + remedy);
  }

  private static void require(boolean present, String reason) {
    if (TOOLS_REQUIRED) {
      Assertions.assertThat(present).as(reason).isTrue();
    }
    Assumptions.assumeTrue(present, reason);
  }
}
