package dev.bts.kernel.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs from the machine. Where it is missing the test is skipped with the reason, or
 * fails if the system property {@code bts.required} names it, {@code tools} or {@code containers},
 * as continuous integration does, which installs them.
 */
public final class Requirements {
  private static final List<String> REQUIRED =
      List.of(System.getProperty("bts.required", "").split(",", -1));

  private static final String TOOLS = "tools";
  private static final String CONTAINERS = "containers";

  private Requirements() {}

  /** Requires a program on PATH. */
  public static void tool(String name, String remedy) {
    String path = System.getenv().getOrDefault("PATH", "");
    boolean present =
        Pattern.compile(":")
            .splitAsStream(path)
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    require(TOOLS, present, name + " is not on PATH: " + remedy);
  }

  /** Requires a file. */
  public static void file(Path file, String remedy) {
    require(TOOLS, Files.exists(file), file + " is not there: " + remedy);
  }

  /**
   * Requires a container engine.
   *
   * @param absence why there is none; empty if there is one
   */
  public static void engine(Optional<String> absence) {
    require(CONTAINERS, absence.isEmpty(), absence.orElse(""));
  }

  private static void require(String kind, boolean present, String reason) {
    if (REQUIRED.contains(kind)) {
      Assertions.assertThat(present).as(reason).isTrue();
    }
    Assumptions.assumeTrue(present, reason);
  }
}
