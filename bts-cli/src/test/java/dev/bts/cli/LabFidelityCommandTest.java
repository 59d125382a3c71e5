package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LabFidelityCommandTest {
  @Test
  void aReplayPrintsEveryStepAndThatNothingDiffers() {
    Run run =
        Run.bts("lab", "fidelity", "--replay", "start p0 u0 u0; mmap p0 a0 8 1; mlock p0 a1 0 1 0");

    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("mmap p0 a0 8 1 = ok\n    {p0.VmLck=8, ")
        .contains("mlock p0 a1 0 1 0 = ENOMEM")
        .contains("3 steps compared, 1 of them refused by both")
        .contains("no difference");
  }

  @Test
  void theJsonHoldsTheFigures() throws IOException {
    Run run = Run.bts("lab", "fidelity", "--seed", "3", "--sequences", "2", "--json");

    assertThat(run.status()).as(run.out() + run.err()).isZero();
    JsonNode tree = new ObjectMapper().readTree(run.out());
    assertThat(tree.at("/sequences").asInt()).isEqualTo(2);
    assertThat(tree.at("/steps").asInt()).isBetween(30, 60);
    assertThat(tree.at("/model").asText()).startsWith("linux-6.");
    assertThat(tree.at("/difference").isNull()).isTrue();
  }

  @Test
  void wrongUsageSaysWhatIsExpected() {
    Run word = Run.bts("lab", "fidelity", "--replay", "start p0 u0 u0; frobnicate p0");
    assertThat(word.status()).isEqualTo(ExitCode.USAGE);
    assertThat(word.err()).contains("'frobnicate' is no operation");

    Run none = Run.bts("lab", "fidelity", "--sequences", "0");
    assertThat(none.status()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("--sequences is at least 1");
  }
}
