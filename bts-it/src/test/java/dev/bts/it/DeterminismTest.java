package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same experiment gives the same bytes: twice, with other threads, and on another JDK. */
@Tag("slow")
class DeterminismTest {
  private static final Path JDKS = Path.of("/usr/lib/jvm");
  private static final int FIRST_JDK = 17;

  private static Map<String, String> carryOut(
      String java, String experiment, int threads, Path directory) throws IOException {
    Path results = directory.resolve("results");
    List<String> line =
        BtsCommand.line(
            List.of(
                "lab",
                "run",
                experiment,
                "--threads",
                Integer.toString(threads),
                "-o",
                results.toString()));
    line.set(0, java);
    line.remove("--enable-native-access=ALL-UNNAMED");
    CommandRun run = CommandRun.of(line, Map.of("PATH", "/usr/bin:/bin"), directory);
    assertThat(run.status()).as(run.errors()).isZero();
    Map<String, String> bytes = new TreeMap<>();
    bytes.put("table", run.output());
    try (Stream<Path> files = Files.list(results)) {
      for (Path file : files.toList()) {
        bytes.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return bytes;
  }

  /** Returns the java of a JDK that has another version than this one and can run bts. */
  private static List<String> others() throws IOException {
    List<String> others = new ArrayList<>();
    if (Files.isDirectory(JDKS)) {
      try (Stream<Path> homes = Files.list(JDKS)) {
        for (Path home : homes.sorted().toList()) {
          Path release = home.resolve("release");
          if (!Files.isSymbolicLink(home) && Files.isReadable(release)) {
            Properties properties = new Properties();
            properties.load(Files.newBufferedReader(release));
            int feature = feature(properties.getProperty("JAVA_VERSION", ""));
            if (feature >= FIRST_JDK && feature != Runtime.version().feature()) {
              others.add(home.resolve("bin/java").toString());
            }
          }
        }
      }
    }
    return others;
  }

  private static int feature(String version) {
    return version.isEmpty() ? 0 : Runtime.Version.parse(version.replace("\"", "")).feature();
  }

  @ParameterizedTest
  @ValueSource(strings = {"capacity", "cooperation", "crashes", "container"})
  void isToTheByte(String experiment, @TempDir Path directory) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Map<String, String> first =
        carryOut(java, experiment, 2, Files.createDirectory(directory.resolve("first")));
    assertThat(first).containsKeys("table", "results.csv", "results.json", "report.html");
    assertThat(carryOut(java, experiment, 1, Files.createDirectory(directory.resolve("second"))))
        .isEqualTo(first);
    List<String> others = others();
    assumeTrue(!others.isEmpty(), "there is no JDK of another version under " + JDKS);
    for (String other : others) {
      Path place = Files.createTempDirectory(directory, "other");
      assertThat(carryOut(other, experiment, 2, place)).as(other).isEqualTo(first);
    }
  }
}
