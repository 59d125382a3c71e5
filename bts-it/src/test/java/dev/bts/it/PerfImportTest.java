package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.Requirements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bts reads out of recordings of perf is what perf itself reads out of them. */
class PerfImportTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  @TempDir Path directory;

  @BeforeEach
  void requirePerf() {
    Requirements.tool("perf", "install linux-perf");
  }

  /** perf lists the newest branch of a sample first, bts the oldest. */
  @Test
  void theBranchStacksOfRealHardware() throws IOException {
    Path recording = RecordedSample.unpackTo(directory);
    Path trace = directory.resolve("sample.bts");
    run(BtsCommand.line(List.of("import", "-o", trace.toString(), recording.toString())));
    List<String> imported =
        run(BtsCommand.line(List.of("script", "--raw", trace.toString()))).lines().toList();
    List<String> expected = new ArrayList<>();
    run(List.of("perf", "script", "-i", recording.toString(), "-F", "brstack"))
        .lines()
        .forEach(
            sample -> {
              List<String> entries = Arrays.asList(sample.strip().split("\\s+", -1));
              Collections.reverse(entries);
              for (String entry : entries) {
                String[] parts = entry.split("/", -1);
                if (parts.length > 1) {
                  expected.add(parts[0].substring(2) + " " + parts[1].substring(2));
                }
              }
            });

    assertThat(expected).hasSize(119_424);
    assertThat(imported).isEqualTo(expected);
  }

  private String run(List<String> command) throws IOException {
    CommandRun run = CommandRun.of(command, ENVIRONMENT, directory);
    assertThat(run.status()).as(run.errors()).isZero();
    return run.output();
  }
}
