package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history of calls is that of a program of which it is known. */
class CallHistoryTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  @TempDir Path directory;

  @Test
  void callsStandInOrderAndAreIndentedByDepth() throws IOException {
    Path trace = directory.resolve("trace.bts");
    bts(
        "record",
        "--mechanism",
        "software-bts",
        "-o",
        trace.toString(),
        "--",
        TraceePrograms.compile("recursion").toString());
    List<String> history = bts("report", "--calls", trace.toString()).lines().toList();

    List<String> main =
        history.stream()
            .dropWhile(line -> !line.endsWith(" main (recursion)"))
            .filter(line -> line.endsWith("main (recursion)") || line.contains("sum_down"))
            .toList();
    // main calls sum_down(10000), which calls itself until it is sum_down(0).
    assertThat(main).hasSize(1 + 10_001);
    int depth = main.get(0).indexOf("main");
    assertThat(main.get(1).indexOf("sum_down")).isEqualTo(depth + 2);
    assertThat(main.get(2).indexOf("sum_down")).isEqualTo(depth + 4);
    assertThat(main.get(10_001)).matches(".* \\[1000\\d] sum_down \\(recursion\\)");
    // Back in main: what it calls next stands where the first sum_down stood.
    int last = history.indexOf(main.get(10_001));
    assertThat(history.get(last + 1)).contains("(recursion)");
    assertThat(history.get(last + 1).substring(0, depth + 2)).endsWith("  ");
    assertThat(history.get(last + 1).charAt(depth + 2)).isNotEqualTo(' ');
  }

  private String bts(String... arguments) throws IOException {
    CommandRun run = CommandRun.of(BtsCommand.line(List.of(arguments)), ENVIRONMENT, directory);
    assertThat(run.status()).as(run.errors()).isZero();
    return run.output();
  }
}
