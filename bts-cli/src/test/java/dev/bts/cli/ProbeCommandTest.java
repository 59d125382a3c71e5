package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProbeCommandTest {
  @Test
  void findingsArePrintedWithObstacleAndRemedy() {
    Run run = Run.bts("probe", "--backend", "fake");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("single-step   works: 50000 steps/s")
        .contains("intel-bts     no: no such PMU")
        .contains("the CPU is an AMD")
        .contains("→ use single-step");
  }

  @Test
  void theJsonHoldsTheFindings() throws IOException {
    Run run = Run.bts("probe", "--backend", "fake", "--json");

    JsonNode tree = new ObjectMapper().readTree(run.out());
    assertThat(tree.at("/machine/kernel").asText()).isEqualTo("6.1.0");
    assertThat(tree.at("/mechanisms/0/works").asBoolean()).isTrue();
    assertThat(tree.at("/mechanisms/1/remedy").asText()).isEqualTo("use single-step");
    assertThat(tree.at("/payers/0/subject").asText()).isEqualTo("tracer");
  }
}
