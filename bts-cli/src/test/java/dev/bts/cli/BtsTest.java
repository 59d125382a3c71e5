package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BtsTest {
  @Test
  void theVersionIsThatOfTheBuild() {
    Run run = Run.bts("--version");

    assertThat(run.status()).isZero();
    assertThat(run.out()).matches("bts \\d+\\.\\d+\\.\\d+\\S*\\n");
  }

  @Test
  void theHelpNamesTheVerbs() {
    Run run = Run.bts("--help");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("record", "script", "report", "probe", "generate-completion");
  }

  @ParameterizedTest
  @ValueSource(strings = {"record", "script", "report", "probe"})
  void everyVerbHelpsWithExamples(String verb) {
    Run run = Run.bts(verb, "--help");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("Usage: bts " + verb, "Examples:", "  bts " + verb);
  }

  @Test
  void noVerbIsWrongUsage() {
    Run run = Run.bts();

    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("a command is missing").contains("bts --help");
  }

  @Test
  void anUnknownVerbIsWrongUsage() {
    Run run = Run.bts("trace");

    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("trace");
  }

  @Test
  void theCompletionScriptIsAScriptThatKnowsVerbsOptionsAndMechanisms(@TempDir Path directory)
      throws IOException, InterruptedException {
    Run run = Run.bts("generate-completion");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("record", "script", "report", "probe", "--mechanism", "--raw", "single-step");
    Path bash = Path.of("/bin/bash");
    assumeTrue(Files.isExecutable(bash), "there is no /bin/bash to check the script with");
    Path script = Files.writeString(directory.resolve("bts_completion"), run.out());
    Process check =
        new ProcessBuilder(bash.toString(), "-n", script.toString()).inheritIO().start();
    assertThat(check.waitFor()).isZero();
  }
}
