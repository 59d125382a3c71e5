package dev.bts.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bts.api.InvalidRequestException;
import dev.bts.cli.experiment.ExperimentFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios and experiments of any content: they are read, or refused with an explanation. */
class ScenarioFuzzTest {
  @TempDir static Path directory;

  private static Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("file.yaml"), content);
  }

  static Stream<byte[]> scenarios() {
    return Stream.of(
            "",
            "policy: tracer\nmachine: {tasks: 2, pages: 2}\nsteps:\n- {do: attach, task: 1}\n",
            "rules: rfc-2008\nsteps: []\nbroken: 4\n",
            "a: &a [*a, *a]\n",
            "? {a: b}\n: {c: [1, 2.5e9, 0x7fffffffff, ~, !!binary 'AA=='}\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("scenarios")
  @FuzzTest(maxDuration = "10m")
  void anyScenarioIsReadOrRefused(byte[] content) throws IOException {
    try {
      ScenarioFile.read(file(content), null);
    } catch (InvalidRequestException refused) {
      // It says what is wrong with the file.
    }
  }

  static Stream<byte[]> experiments() throws IOException {
    try (var shipped = ScenarioFuzzTest.class.getResourceAsStream("/experiments/capacity.yaml")) {
      return Stream.of(new byte[0], shipped == null ? new byte[1] : shipped.readAllBytes());
    }
  }

  @MethodSource("experiments")
  @FuzzTest(maxDuration = "10m")
  void anyExperimentIsReadOrRefused(byte[] content) throws IOException {
    try {
      ExperimentFile.read(file(content).toString());
    } catch (InvalidRequestException refused) {
      // It says what is wrong with the file.
    }
  }
}
