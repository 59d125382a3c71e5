package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.sim.lab.VerdictsPage;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The committed page of verdicts is what the command makes. It explores for some minutes. */
@Tag("slow")
class VerdictsDocTest {
  @Test
  void thePageIsWhatTheCommandMakes() throws IOException {
    String made = VerdictsPage.make(Runtime.getRuntime().availableProcessors(), name -> {});
    assertThat(Repository.read("docs/verdicts.md"))
        .as("make it anew with ./bts lab verdicts -o docs/verdicts.md")
        .isEqualTo(made);
  }
}
