package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tracer is killed, and the tracee keeps what it pays for, until the command takes it away. */
class OrphanTest {
  private static final int PAGES = 64;

  @TempDir Path directory;

  @Test
  void whatAKilledTracerLeavesIsListedAndReclaimed() throws IOException, InterruptedException {
    List<String> record =
        BtsCommand.line(
            List.of(
                "record",
                "--mechanism",
                "single-step",
                "--charge",
                "tracee",
                "--buffer",
                "256K",
                "-o",
                directory.resolve("trace.bts").toString(),
                "--"));
    try (SpinningProgram spin = SpinningProgram.start(record, 2, directory.resolve("errors"))) {
      assertThat(accounts(spin.pid()).get("owner_alive").booleanValue()).isTrue();
      CommandRun inUse = bts("reclaim", "--pid", String.valueOf(spin.pid()));
      assertThat(inUse.status()).as(inUse.output()).isEqualTo(1);
      assertThat(inUse.errors()).contains("is no orphan");

      spin.starter().destroyForcibly().waitFor();
      spin.expectToCompute();

      JsonNode orphan = accounts(spin.pid());
      assertThat(orphan.get("policy").textValue()).isEqualTo("tracee");
      assertThat(orphan.get("pages").intValue()).isEqualTo(PAGES);
      assertThat(orphan.get("locked_pages").intValue()).isEqualTo(PAGES);
      assertThat(orphan.get("owner_alive").isBoolean()).isTrue();
      assertThat(orphan.get("owner_alive").booleanValue()).isFalse();

      CommandRun reclaim = bts("reclaim", "--pid", String.valueOf(spin.pid()));
      assertThat(reclaim.status()).as(reclaim.errors()).isZero();
      assertThat(reclaim.output()).contains("VmLck went from 64 to 0 pages, 64 refunded");
      assertThat(ProcessState.of(spin.pid()).toString())
          .doesNotContain("bts:")
          .contains("VmLck:\t       0 kB");
      assertThat(ProcessState.of(spin.pid()).isTraced()).isFalse();
      spin.expectToCompute();
      spin.terminate();
    }
  }

  private JsonNode accounts(long pid) throws IOException {
    CommandRun run = bts("accounts", "--json");
    assertThat(run.status()).as(run.errors()).isZero();
    for (JsonNode buffer : new ObjectMapper().readTree(run.output())) {
      if (buffer.get("pid").longValue() == pid) {
        return buffer;
      }
    }
    throw new AssertionError("no buffer of " + pid + " in " + run.output());
  }

  private CommandRun bts(String... arguments) throws IOException {
    Path scratch = Files.createTempDirectory(directory, "run");
    return CommandRun.of(
        BtsCommand.line(List.of(arguments)), Map.of("PATH", "/usr/bin:/bin"), scratch);
  }
}
