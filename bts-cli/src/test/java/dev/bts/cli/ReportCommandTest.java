package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.symbols.ElfBuilder;
import dev.bts.cli.text.TextOutput;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceFiles;
import dev.bts.cli.trace.TraceWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  private static final long START = 0x555555554000L;
  private static final Receipt RECEIPT =
      new Receipt(
          5,
          "tracee",
          "branch buffer",
          256,
          List.of(new Charge(Account.lockedVm(new AccountOwner.AddressSpace(7, 1)), 256)),
          "CAP_IPC_LOCK");

  @TempDir Path directory;
  private Path trace = Path.of("unset");
  private String program = "";

  @BeforeEach
  void writeTrace() throws IOException {
    program =
        Files.write(
                directory.resolve("program"),
                new ElfBuilder().function("main", 0, 0x40).function("work", 0x40, 0x40).build())
            .toString();
    trace = directory.resolve("t.bts");
    BranchRecord call = new BranchRecord(START + 4, START + 0x40, 0, 7);
    BranchRecord leave = new BranchRecord(START + 0x48, START + 0x900, 0, 8);
    try (TraceWriter writer = TraceWriter.create(trace)) {
      writer.begin(TraceFiles.HEADER);
      List<List<?>> chunks =
          List.of(
              List.of(new SideEvent.Charged(0, 1, RECEIPT)),
              List.of(new SideEvent.ProcessStarted(7, 1, 7, 1, program)),
              List.of(
                  new SideEvent.Mapped(
                      7,
                      3,
                      7,
                      START,
                      START + ElfBuilder.TEXT_BYTES,
                      ElfBuilder.TEXT_OFFSET,
                      program,
                      "")),
              Collections.nCopies(30, call),
              List.of(new SideEvent.ThreadStarted(8, 4, 7, 7)),
              Collections.nCopies(10, leave),
              List.of(new SideEvent.Lost(8, 5, 12, "full")),
              // The same addresses mean nothing any more.
              List.of(new SideEvent.Exec(7, 6, 7, "/bin/other")),
              List.of(call),
              List.of(new SideEvent.Refunded(0, 9, RECEIPT)));
      chunks.forEach(chunk -> TraceFiles.feed(writer, chunk));
    }
  }

  @Test
  void functionsThreadsLossAndPayersAreTold() {
    Run run = Run.bts("report", trace.toString());

    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("single-step, complete: ls -l /")
        .contains("41 branches in 2 threads, 12 lost while tracing")
        .containsPattern("30 +0 +73.17%  main \\(program\\)")
        .containsPattern("10 +30 +24.39%  work \\(program\\)")
        .containsPattern("0 +10 +0.00%  program \\(no symbol\\)")
        .containsPattern("1 +1 +2.44%  \\[not mapped\\]")
        .containsPattern("31 +0 +7 +7  other")
        .containsPattern("10 +12 +7 +8  program")
        .contains(
            "receipt 5: 256 pages for branch buffer, by policy tracee, limit lifted by"
                + " CAP_IPC_LOCK, refunded")
        .contains("256 pages on locked_vm of pid 7");
  }

  @Test
  void theJsonHoldsTheSame() throws IOException {
    Run run = Run.bts("report", "--json", trace.toString());

    JsonNode tree = new ObjectMapper().readTree(run.out());
    assertThat(run.status()).isZero();
    assertThat(tree.get("branches").asLong()).isEqualTo(41);
    assertThat(tree.get("lost").asLong()).isEqualTo(12);
    assertThat(tree.get("finished").asBoolean()).isTrue();
    assertThat(tree.get("missing")).isEmpty();
    assertThat(tree.at("/header/command/0").asText()).isEqualTo("ls");
    assertThat(tree.at("/functions/0/function").asText()).isEqualTo("work");
    assertThat(tree.at("/functions/0/module").asText()).isEqualTo(program);
    assertThat(tree.at("/functions/0/from").asLong()).isEqualTo(10);
    assertThat(tree.at("/functions/0/to").asLong()).isEqualTo(30);
    assertThat(tree.at("/threads/0/tid").asInt()).isEqualTo(7);
    assertThat(tree.at("/receipts/0/pages").asLong()).isEqualTo(256);
    assertThat(tree.at("/receipts/0/refunded").asBoolean()).isTrue();
    assertThat(tree.at("/receipts/0/charges/0/owner").asText()).isEqualTo("pid 7");
  }

  @Test
  void aTraceThatWasCutOffIsReportedAndSaysSo() throws IOException {
    byte[] bytes = Files.readAllBytes(trace);
    Files.write(trace, Arrays.copyOf(bytes, bytes.length - 60));

    Run run = Run.bts("report", trace.toString());
    Run json = Run.bts("report", "--json", trace.toString());

    assertThat(run.status()).isEqualTo(ExitCode.DAMAGED);
    assertThat(run.out())
        .contains("NOT FINISHED")
        .contains("MISSING from the file")
        .contains("41 branches")
        .contains("256 pages");
    JsonNode tree = new ObjectMapper().readTree(json.out());
    assertThat(tree.get("finished").asBoolean()).isFalse();
    assertThat(tree.at("/missing/0/branches").isNull()).isTrue();
  }

  @Test
  void aFileThatIsNoTraceIsRefused() {
    Run run = Run.bts("report", program);

    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).contains("does not start as a trace file does");
  }

  /** The call before the damage is not open behind it. */
  @Test
  void callsAreNotFollowedAcrossDamage() throws IOException {
    byte[] code = new ElfBuilder().function("work", 0x40, 0x40).build();
    code[ElfBuilder.TEXT_OFFSET] = (byte) 0xE8; // call
    Path file = Files.write(directory.resolve("calling"), code);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    TextOutput out = new TextOutput(printed);
    CallHistory history = new CallHistory(out);
    history.event(
        new SideEvent.Mapped(
            7, 1, 7, START, START + 4096, ElfBuilder.TEXT_OFFSET, file.toString(), ""));
    List<BranchRecord> call = List.of(new BranchRecord(START, START + 0x40, 0, 7));
    TraceFiles.feed(history, call);
    TraceFiles.feed(history, call);
    history.damaged(new Damage(100, 200, 5, 0, "damaged"));
    TraceFiles.feed(history, call);
    out.flush();
    assertThat(printed.toString(StandardCharsets.UTF_8).lines().skip(1).toList())
        .containsExactly(
            "           1       7  work (calling)",
            "           2       7    work (calling)",
            "* missing: bytes 100 to 200: damaged; missing: 5 branches, 0 side events",
            "           3       7  work (calling)");
  }

  @Test
  void callsHaveALineOfNamesAndSayWhatIsMissing() {
    Run run = Run.bts("report", "--calls", trace.toString());

    assertThat(run.status()).isZero();
    // The code of this program is zeros, which call nobody.
    assertThat(run.out().lines())
        .containsExactly("      branch     tid  calls", "* LOST 12 branches: full");
    assertThat(Run.bts("report", "--calls", "--json", trace.toString()).status())
        .isEqualTo(ExitCode.USAGE);
  }
}
