package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bts.api.BufferSpec;
import dev.bts.api.Mechanism;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCommandTest {
  private static Run plan(String... options) {
    List<String> arguments = new ArrayList<>(List.of("plan", "--backend", "fake"));
    arguments.addAll(Arrays.asList(options));
    return Run.bts(arguments.toArray(String[]::new));
  }

  @Test
  void policiesStandSideBySideWithTheirAccountsAndReasons() {
    Run run = plan("--buffer", "1M", "--processes", "3", "--charge", "tracer");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("single-step, 3 processes, 3 threads, a buffer for each payer")
        .containsPattern("\ntracee +fits +3 +1M +2M +3 times a process to be started\n")
        .containsPattern("\ntracer \\* +fits +1 +1M +1648K +the tracer\n")
        .containsPattern("\nuser +unknown +1 +1M +at most 2M +uid 1000\n")
        .containsPattern("\nperf +impossible +- +1M +- +-\n")
        .containsPattern("\ncgroup +fits +1 +1M +2020K +cgroup /g\n")
        .contains(
            "  locked_vm of the tracer: 100 pages in use, RLIMIT_MEMLOCK is 512 pages, +256\n")
        .contains("ucounts memlock of uid 1000: use unknown (nobody shows it), RLIMIT_MEMLOCK is")
        .contains("\nAssumed\n  nothing else happens\n");
  }

  @Test
  void whatDoesNotFitIsRefusedWithItsNumbersAndTheLargest() {
    Run run = plan("--buffer", "2M", "--charge", "tracer");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern("\ntracer \\* +does not fit +0 of 1 +2M +1648K +the tracer\n")
        .contains("RLIMIT_MEMLOCK of the tracer is 2048 KiB, 400 in use, 2048 asked")
        .contains("→ --buffer 1648K is the largest that fits");
  }

  @ParameterizedTest
  @CsvSource({
    "1648K, tracer, 0",
    "1652K, tracer, 1",
    "1M, user, 1",
    "1M, perf, 1",
    "2M, '', 0",
    "3M, '', 1"
  })
  void theStatusIsThatOfTheChosenPolicyOrOfTheBest(String buffer, String policy, int status) {
    Run run =
        policy.isEmpty() ? plan("--buffer", buffer) : plan("--buffer", buffer, "--charge", policy);
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(status);
  }

  @Test
  void theJsonHoldsEveryNumberAndNullForWhatIsNotKnown() throws IOException {
    Run run = plan("--buffer", "2M", "--charge", "tracer", "--threads", "4", "--json");
    assertThat(run.status()).isEqualTo(1);
    JsonNode tree = new ObjectMapper().readTree(run.out());
    assertThat(tree.at("/fits").asBoolean()).isFalse();
    assertThat(tree.at("/charge").asText()).isEqualTo("tracer");
    assertThat(tree.at("/mechanism").asText()).isEqualTo("single-step");
    assertThat(tree.at("/threads").asInt()).isEqualTo(4);
    assertThat(tree.at("/policies")).hasSize(5);
    JsonNode tracer = tree.at("/policies/1");
    assertThat(tracer.at("/policy").asText()).isEqualTo("tracer");
    assertThat(tracer.at("/verdict").asText()).isEqualTo("does not fit");
    assertThat(tracer.at("/buffer_pages").asLong()).isEqualTo(512);
    assertThat(tracer.at("/buffers").asInt()).isEqualTo(1);
    assertThat(tracer.at("/buffers_granted").asInt()).isZero();
    assertThat(tracer.at("/largest_pages").asLong()).isEqualTo(412);
    assertThat(tracer.at("/largest_bytes").asLong()).isEqualTo(412 * 4096);
    assertThat(tracer.at("/accounts/0/limit_pages").isNull()).isTrue();
    assertThat(tracer.at("/accounts/1/used_pages").asLong()).isEqualTo(100);
    assertThat(tracer.at("/accounts/1/limit_pages").asLong()).isEqualTo(512);
    assertThat(tracer.at("/reasons/0/obstacle").asText()).contains("400 in use");
    JsonNode user = tree.at("/policies/2");
    assertThat(user.at("/largest_is_exact").asBoolean()).isFalse();
    assertThat(user.at("/accounts/0/used_pages").isNull()).isTrue();
    assertThat(user.at("/accounts/0/used_unknown/remedy").asText()).isEqualTo("ask as root");
    assertThat(tree.at("/assumptions/0").asText()).isEqualTo("nothing else happens");
  }

  @Test
  void optionsReachTheBackend() {
    plan("--pid", "12", "--strict", "--charge-other", "--processes", "2", "--mechanism", "lbr");
    assertThat(FakeTracer.lastPlan)
        .isEqualTo(
            new PlanRequest(
                new Subject.Running(12), Mechanism.LBR, BufferSpec.AUTO, 2, 2, true, true));
    plan("--user", "alice", "--buffer", "64K", "--threads", "7");
    assertThat(FakeTracer.lastPlan)
        .isEqualTo(new PlanRequest(new Subject.OfUser("alice"), null, 65536, 1, 7, false, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--buffer 3G | 3221225472 bytes: the size must lie between",
        "--buffer 0 | nobody pays for it",
        "--buffer 99999999999999999999 | more than 63 bits",
        "--buffer much | it is no number",
        "--processes 0 | 0 processes: the number must lie between 1 and 65536",
        "--processes 65537 | correct --processes",
        "--threads 4194305 | correct --threads",
        "--threads 99999999999 | 99999999999",
        "--processes 3 --threads 2 | every process has at least one thread",
        "--pid 0 | a process id is a positive number",
        "--pid 1 --user root | leave out --pid or --user",
        "--charge nobody | choose one of",
        "--mechanism magic | no such mechanism",
        "--mechanism none | there is no buffer and nobody pays"
      })
  void aWrongQuestionIsStatusTwo(String options, String said) {
    Run run = plan(options.split(" "));
    assertThat(run.status()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(said);
  }

  @Test
  void theHelpHasExamples() {
    Run run = Run.bts("plan", "--help");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("Examples:", "bts plan --buffer 4M", "Exit status:");
  }
}
