package dev.bts.cli.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.experiment.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExperimentRunTest {
  private static final String SMALL =
      """
      experiment: small
      question: Is <this> safe & sound?
      policies: [tracee, tracer]
      parameters:
        memlock: [64K, unlimited]
        programs: 6
        buffer: 16K
        rounds: 4
        crash: 20
      seeds: 2
      charts: [traced]
      """;

  @TempDir Path directory;

  private ExperimentFile small() throws IOException {
    return ExperimentFile.read(
        Files.writeString(directory.resolve("small.yaml"), SMALL).toString());
  }

  private Map<String, String> contents(Path results) throws IOException {
    try (var files = Files.list(results)) {
      return files.collect(
          Collectors.toMap(file -> file.getFileName().toString(), ExperimentRunTest::content));
    }
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void twoOfItAreTheSameToTheByteHoweverManyThreads() throws Exception {
    Path one = directory.resolve("one");
    Path other = directory.resolve("other");
    ExperimentRun.of(small(), one, 1, done -> {});
    ExperimentRun.of(small(), other, 2, done -> {});
    assertThat(contents(one))
        .containsOnlyKeys("results.jsonl", "results.csv", "results.json", "report.html")
        .isEqualTo(contents(other));
  }

  @Test
  void whatWasInterruptedGoesOnWhereItWas() throws Exception {
    Path whole = directory.resolve("whole");
    ExperimentRun.of(small(), whole, 1, done -> {});
    Path cut = Files.createDirectory(directory.resolve("cut"));
    String all = Files.readString(whole.resolve("results.jsonl"));
    int fourth = 0;
    for (int i = 0; i < 4; i++) {
      fourth = all.indexOf('\n', fourth) + 1;
    }
    Files.writeString(cut.resolve("results.jsonl"), all.substring(0, fourth + 20));
    List<Integer> progress = new ArrayList<>();
    ExperimentRun.of(small(), cut, 1, progress::add);
    assertThat(progress).containsExactly(4, 5, 6, 7, 8);
    assertThat(contents(cut)).isEqualTo(contents(whole));
  }

  @Test
  void theResultsOfAnotherExperimentAreNotContinued() throws Exception {
    ExperimentRun.of(small(), directory, 1, done -> {});
    ExperimentFile other =
        ExperimentFile.read(
            Files.writeString(directory.resolve("other.yaml"), SMALL.replace("64K", "128K"))
                .toString());
    assertThatThrownBy(() -> ExperimentRun.of(other, directory, 1, done -> {}))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("name another directory");
  }

  @Test
  void thePageNeedsNothingElseAndShowsNamesAsTheyAre() throws Exception {
    String page = ExperimentRun.of(small(), null, 1, done -> {}).page();
    assertThat(page)
        .contains("Is &lt;this&gt; safe &amp; sound?")
        .doesNotContain("Is <this>")
        .doesNotContainPattern("(src|href)=\"?https?:")
        .doesNotContain("<!--")
        .contains("new Chart(");
  }

  @Test
  void csvAndJsonAndTableSayTheSame() throws Exception {
    ExperimentRun run = ExperimentRun.of(small(), null, 1, done -> {});
    List<String> csv = run.csv().lines().toList();
    assertThat(csv).hasSize(1 + 2 * 2);
    assertThat(csv.get(0)).startsWith("policy,memlock,admitted,refused,traced,");
    List<String> table = run.table().lines().map(l -> l.trim().replaceAll(" +", ",")).toList();
    assertThat(table).isEqualTo(csv);
    JsonNode json = new ObjectMapper().readTree(run.json());
    assertThat(json.get("results")).hasSize(4);
    for (Metric metric : Metric.values()) {
      assertThat(json.get("metrics").get(metric.key()).asText()).isEqualTo(metric.description());
      assertThat(
              json.get("results").get(0).get("metrics").get(metric.key()).get("min").isLong()
                  || json.get("results").get(0).get("metrics").get(metric.key()).get("min").isInt())
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"capacity", "cooperation", "crashes", "container"})
  void whatComesWithBtsCanBeRead(String name) {
    assertThat(ExperimentFile.read(name).experiment().name()).isEqualTo(name);
  }
}
