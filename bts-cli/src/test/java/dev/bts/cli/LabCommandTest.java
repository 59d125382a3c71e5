package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabCommandTest {
  private static Run lab(String line) {
    return Run.bts(Stream.of(("lab " + line).split(" ")).toArray(String[]::new));
  }

  @Test
  void aPolicyThatHoldsIsStatusZeroAndSaysInHowManyStates() {
    Run run = lab("check --policy tracer --users 1 --buffers 1 --pages 1");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("^policy tracer: holds in all \\d+ reachable states\n")
        .contains("--buffers 1 --pages 1")
        .containsPattern("\\d+ states, \\d+ steps, depth \\d+, \\d+ states/s, \\d+ bytes/state");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void aBrokenRuleIsStatusOneAndANumberedCounterexample() {
    Run run = lab("check --rules row-10");
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.out())
        .contains(
            "rules row-10: broken in 3 steps: 4. every locked page",
            "\n1. task 1 attaches to task 2\n",
            "\n2. task 1 allocates 2 pages for task 2\n     total_vm of task 1 = 2\n",
            "\n3. task 1 executes a program\n",
            "(gone)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rfc-2008", "rfc-2008-current", "linux-2.6.29", "linux-2.6.31"})
  void theHistoricKernelsAreBroken(String rules) {
    Run run = lab("check --rules " + rules);
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).contains("broken in 3 steps");
  }

  @Test
  void theSecondTracerOfTheRfcIsRefundedWhatItHasNotPaid() {
    Run run = lab("check --rules row-4 --json");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out())
        .contains("task 1 detaches", "task 3 attaches", "task 3 frees", "task 3 = -2");
  }

  @Test
  void theJsonHoldsEverything() throws IOException {
    Run run = lab("check --rules row-9 --json");
    assertThat(run.status()).isEqualTo(1);
    JsonNode tree = new ObjectMapper().readTree(run.out());
    assertThat(tree.at("/rules").asText()).isEqualTo("row-9");
    assertThat(tree.at("/verdict").asText()).isEqualTo("broken");
    assertThat(tree.at("/machine/tasks").asInt()).isEqualTo(3);
    assertThat(tree.at("/states").asInt()).isPositive();
    assertThat(tree.at("/counterexample/broken/0").asInt()).isEqualTo(2);
    assertThat(tree.at("/counterexample/steps")).hasSize(4);
    assertThat(tree.at("/counterexample/steps/0/do").asText()).isEqualTo("attach");
    assertThat(tree.at("/counterexample/steps/0/on").asInt()).isEqualTo(2);
    assertThat(tree.at("/counterexample/steps/3/text").asText()).contains("detaches");
    assertThat(tree.at("/counterexample/steps/3/broken")).isNotEmpty();
    JsonNode holds = new ObjectMapper().readTree(lab("check --rules row-9-fixed --json").out());
    assertThat(holds.at("/verdict").asText()).isEqualTo("holds");
    assertThat(holds.at("/counterexample").isNull()).isTrue();
  }

  @Test
  void aLimitGivesAPartialAnswerAndStatusThree() {
    Run run = lab("check --policy tracee --states 1000");
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.out())
        .contains("partial: holds in the ", "the limit of 1000 states was reached");
    assertThat(lab("check --policy tracee --depth 2").status()).isEqualTo(3);
  }

  @Test
  void whatIsAskedForBesideTheUsualIsSavedAndReplayedToo(@TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("hotplug.yaml");
    String check = "check --rules row-18 --events hotplug,traceme --limit 4 --save " + file;
    Run run = lab(check);
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).contains(" --events traceme,hotplug");
    assertThat(Files.readString(file)).contains("events: [traceme, hotplug]}");
    assertThat(lab("run " + file).status()).isZero();
    Files.writeString(file, Files.readString(file).replace("hotplug", "earthquake"));
    assertThat(lab("run " + file).err()).contains("there is no such event", "two-steps");
    assertThat(lab("check --policy tracer --events flood").status()).isEqualTo(2);
  }

  @Test
  void aCounterexampleIsSavedAndReplayed(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("row.yaml");
    Run check = lab("check --rules row-22 --save " + file);
    assertThat(check.status()).isEqualTo(1);
    assertThat(Files.readString(file))
        .contains("rules: row-22\n", "machine: {tasks: 2, ", "  - {do: map, task: 2, buffer: 1}\n");
    Run run = lab("run " + file);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("2. task 1 forks task 2\n", "BROKEN: invariant 1", "as expected: invariants [1]");
    Files.writeString(file, Files.readString(file).replace("broken: [1]", "broken: []"));
    Run other = lab("run " + file);
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.out()).contains("not as expected");
    JsonNode tree = new ObjectMapper().readTree(lab("run --json " + file).out());
    assertThat(tree.at("/as_expected").asBoolean()).isFalse();
    assertThat(tree.at("/steps")).hasSize(5);
  }

  @Test
  void aRandomFindingIsStatusOneMadeShortSavedAndFoundAgainByItsLine(@TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("found.yaml");
    Run run = lab("check --rules row-22 --random 100000 --seed 7 --depth 100 --save " + file);
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.out())
        .startsWith("rules row-22: broken in ")
        .contains("\n1. ", "of a random walk and made short; again: bts lab check --rules row-22");
    assertThat(lab("run " + file).status()).isZero();
    String line = run.out().replaceAll("(?s).*again: bts lab (.*?)\n.*", "$1");
    assertThat(line).contains(" --random 1 --seed ", " --depth 100");
    Run again = lab(line);
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.out().lines().findFirst()).isEqualTo(run.out().lines().findFirst());
    JsonNode tree = new ObjectMapper().readTree(lab(line + " --json").out());
    assertThat(tree.at("/verdict").asText()).isEqualTo("broken");
    assertThat("bts lab " + line).isEqualTo(tree.at("/replay").asText());
  }

  @Test
  void aRandomSearchThatFindsNothingIsStatusThree() throws IOException {
    String line = "check --policy tracer --tasks 6 --buffers 6 --pages 8 --limit 12 --random 20";
    Run run = lab(line);
    assertThat(run.status()).as(run.err()).isEqualTo(3);
    assertThat(run.out()).contains("policy tracer: partial: ", "proves nothing", "20 walks");
    JsonNode tree = new ObjectMapper().readTree(lab(line + " --json").out());
    assertThat(tree.at("/verdict").asText()).isEqualTo("partial");
    assertThat(tree.at("/counterexample").isNull()).isTrue();
    assertThat(tree.at("/walks").asInt()).isEqualTo(20);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "check --policy tracer --random 0 | correct --random",
        "check --policy tracer --random 1 --depth 1000001 | at most 1000000 steps",
        "check | give --policy or --rules",
        "check --policy tracer --rules row-1 | give --policy or --rules",
        "check --policy nobody | choose one of",
        "check --rules row-42 | choose row-1 to row-41",
        "check --policy tracer --tasks 0 | correct --tasks",
        "check --policy tracer --tasks 99 | between 1 and 6",
        "check --policy tracer --depth 0 | correct --states, --depth",
        "check --policy tracer --tasks many | many",
        "check --policy a.B --classpath /nowhere.jar | there is no such file",
        "check --policy java.lang.String --classpath / | implements",
        "run /nowhere.yaml | it cannot be read",
        "walk | walk"
      })
  void aWrongQuestionIsStatusTwo(String line, String said) {
    Run run = lab(line);
    assertThat(run.status()).as(run.out()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "steps: [] | it names nothing to try",
        "{rules: row-1, steps: 1} | it has no list of steps",
        "{rules: row-1, steps: [], speed: 1} | there is no key 'speed'",
        "{rules: row-1, steps: [{do: fly}]} | nobody can do 'fly'",
        "{rules: row-1, steps: [{do: attach, task: 1}]} | 'on: '",
        "{rules: row-1, steps: [{do: attach, task: 1, on: 2, at: 3}]} | there is no key 'at'",
        "{rules: row-1, steps: [{do: detach, task: 1, on: 2}]} | step 1, task 1 detaches",
        "{rules: row-1, machine: {tasks: x}, steps: []} | is no number",
        "{rules: row-1, broken: [9], steps: []} | there is no invariant '9'",
        "{rules: row-1, rules: row-2, steps: []} | Duplicate field"
      })
  void aWrongScenarioIsStatusTwoAndSaysWhat(String yaml, String said, @TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("wrong.yaml"), yaml + "\n");
    Run run = lab("run " + file);
    assertThat(run.status()).as(run.out()).isEqualTo(2);
    assertThat(run.err()).contains(said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "run", "verdicts"})
  void theHelpHasExamples(String verb) {
    Run run = lab(verb + " --help");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("Usage: bts lab " + verb, "Examples:", "  bts lab " + verb);
  }
}
