package dev.bts.cli.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.BtsException;
import dev.bts.api.InvalidRequestException;
import dev.bts.sim.experiment.Metric;
import dev.bts.sim.experiment.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentFileTest {
  private static final String HEAD = "experiment: mine\nquestion: why?\n";

  @TempDir Path directory;

  private ExperimentFile read(String text) throws IOException {
    return ExperimentFile.read(Files.writeString(directory.resolve("mine.yaml"), text).toString());
  }

  @Test
  void readsWhatIsVaried() throws IOException {
    ExperimentFile file =
        read(
            HEAD
                + "policies: [tracee, user]\n"
                + "parameters:\n"
                + "  memlock: [64K, 8M, unlimited]\n"
                + "  buffers: thread\n"
                + "  crash: 10%\n"
                + "seeds: 4\n"
                + "charts: refused\n");
    assertThat(file.experiment().policies()).containsExactly("tracee", "user");
    assertThat(file.experiment().parameters())
        .containsEntry(Parameter.MEMLOCK, List.of(65536L, 8L << 20, Parameter.UNLIMITED))
        .containsEntry(Parameter.BUFFERS, List.of(1L))
        .containsEntry(Parameter.CRASH, List.of(10L));
    assertThat(file.experiment().varied()).containsExactly(Parameter.MEMLOCK);
    assertThat(file.experiment().runs()).hasSize(3 * 2 * 4);
    assertThat(file.charts()).containsExactly(Metric.REFUSED);
  }

  @Test
  void allPoliciesAndOneSeedAreMeantWhereNothingIsSaid() throws IOException {
    ExperimentFile file = read(HEAD);
    assertThat(file.experiment().policies()).contains("tracee", "tracer", "user", "perf", "cgroup");
    assertThat(file.experiment().runs()).hasSameSizeAs(file.experiment().policies());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'- a'|it is no mapping",
        "'question: why?'|'experiment' is missing",
        "'experiment: a b\nquestion: x'|is no name",
        "'experiment: a\nquestion: x\npolicy: [tracee]'|there is no key 'policy'",
        "'experiment: a\nquestion: x\npolicies: [mine]'|mine",
        "'experiment: a\nquestion: x\nparameters: {memory: 1}'|there is no parameter 'memory'",
        "'experiment: a\nquestion: x\nparameters: {memlock: 12Q}'|cannot be '12Q'",
        "'experiment: a\nquestion: x\nparameters: {buffers: task}'|use one of program, thread",
        "'experiment: a\nquestion: x\nparameters: {users: [[1]]}'|neither text nor number",
        "'experiment: a\nquestion: x\nparameters: {users: []}'|has no value",
        "'experiment: a\nquestion: x\nseeds: 0'|is no number from 1",
        "'experiment: a\nquestion: x\ncharts: [speed]'|there is no metric 'speed'",
        "'experiment: a\nexperiment: b'|line 2",
        "'experiment: [a'|line"
      })
  void saysWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(BtsException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatIsNotThereNamesThoseThatComeWithBts() {
    assertThatThrownBy(() -> ExperimentFile.read("capacities"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("capacity, cooperation, crashes, container");
  }
}
