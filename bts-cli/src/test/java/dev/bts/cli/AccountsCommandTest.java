package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AccountsCommandTest {
  @AfterEach
  void nothingIsThere() {
    FakeTracer.present = Set.of();
    FakeTracer.hiddenProcesses = 0;
  }

  private static Run bts(String... arguments) {
    String[] all = List.of(arguments).toArray(new String[arguments.length + 2]);
    all[arguments.length] = "--backend";
    all[arguments.length + 1] = "fake";
    return Run.bts(all);
  }

  @Test
  void aTableSaysWhoPaysAndWhetherTheOwnerLives() {
    FakeTracer.present = Set.of(11, 12, 13);
    Run run = bts("accounts");
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines())
        .containsExactly(
            "PID  POLICY  PAGES  LOCKED   PAYER    OWNER",
            "11   tracee  5      5        pid 11   alive: so it is",
            "12   tracee  5      5        pid 12   dead: so it is",
            "  note: 3 of 5 pages are? locked",
            "13   tracee  5      unknown  unknown  unknown: so it is");
  }

  @Test
  void nothingIsSaidToBeNothing() {
    FakeTracer.hiddenProcesses = 2;
    Run run = bts("accounts");
    assertThat(run.status()).isZero();
    assertThat(run.out()).isEqualTo("no branch buffer\n");
    assertThat(run.err()).contains("2 processes could not be looked at");
    assertThat(bts("accounts", "--json").out().strip()).isEqualTo("[ ]");
  }

  @Test
  void theJsonIsAnArrayOfObjects() throws IOException {
    FakeTracer.present = Set.of(11, 12, 13);
    JsonNode tree = new ObjectMapper().readTree(bts("accounts", "--json").out());
    assertThat(tree.isArray()).isTrue();
    assertThat(tree).hasSize(3);
    assertThat(tree.at("/0/pid").intValue()).isEqualTo(11);
    assertThat(tree.at("/0/policy").textValue()).isEqualTo("tracee");
    assertThat(tree.at("/0/pages").longValue()).isEqualTo(5);
    assertThat(tree.at("/0/owner_alive").booleanValue()).isTrue();
    assertThat(tree.at("/0/payer").textValue()).isEqualTo("pid 11");
    assertThat(tree.at("/1/owner_alive").isBoolean()).isTrue();
    assertThat(tree.at("/1/owner_alive").booleanValue()).isFalse();
    assertThat(tree.at("/2/owner_alive").isNull()).isTrue();
    assertThat(tree.at("/2/locked_pages").isNull()).isTrue();
    assertThat(tree.at("/2/tracee").intValue()).isEqualTo(13);
  }

  @Test
  void watchingPrintsWhatChangesUntilCtrlC() {
    FakeTracer.present = Set.of(11);
    AtomicInteger prints = new AtomicInteger();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new IllegalStateException("unbuffered output");
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
            if (prints.incrementAndGet() == 1) {
              assertThat(text).contains("alive");
              FakeTracer.present = Set.of(12);
            } else {
              assertThat(text).contains("dead").doesNotContain("alive");
              FakeTracer.FakeSession.raise("INT");
            }
          }
        };
    PrintStream errors = new PrintStream(OutputStream.nullOutputStream(), true);
    int status =
        Bts.run(new Console(out, errors, false), "accounts", "--watch", "--backend", "fake");
    assertThat(status).isZero();
    assertThat(prints).hasValue(2);
  }

  @Test
  void aBackendWithoutOrphansSaysWhy() {
    Run run = Run.bts("accounts", "--backend", "sim");
    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).contains("backend 'sim'", "end with it", "use the backend 'kernel'");
  }

  @Test
  void reclaimingSaysWhoWasRefunded() {
    FakeTracer.present = Set.of(11, 12);
    for (Run run : List.of(bts("reclaim"), bts("reclaim", "--all"), bts("reclaim", "-p", "12"))) {
      assertThat(run.status()).isZero();
      assertThat(run.out())
          .isEqualTo(
              "freed the tracee buffer of 5 pages in process 12: VmLck went from 9 to 4 pages,"
                  + " 5 refunded to pid 12\n");
    }
    Run none = bts("reclaim", "--pid", "77");
    assertThat(none.status()).isZero();
    assertThat(none.out()).isEqualTo("process 77 has no orphan\n");
  }

  @Test
  void whatIsRefusedIsAFailureAndTheRestIsDone() {
    FakeTracer.present = Set.of(12, 13, 14);
    Run all = bts("reclaim", "--all");
    assertThat(all.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(all.out()).contains("freed the tracee buffer of 5 pages in process 12");
    assertThat(all.err())
        .contains("left the tracee buffer in process 13 alone")
        .contains("start it: EPERM: take another");
    assertThat(bts("reclaim", "--pid", "11").status()).isEqualTo(ExitCode.FAILURE);
    assertThat(bts("reclaim", "--pid", "11", "--all").status()).isEqualTo(ExitCode.USAGE);
    assertThat(bts("reclaim", "--pid", "x").status()).isEqualTo(ExitCode.USAGE);
  }
}
