package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.symbols.ElfBuilder;
import dev.bts.cli.trace.TraceFiles;
import dev.bts.cli.trace.TraceWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScriptCommandTest {
  private static final long START = 0x555555554000L;

  @TempDir Path directory;
  private Path trace = Path.of("unset");

  @BeforeEach
  void writeTrace() throws IOException {
    Path program =
        Files.write(
            directory.resolve("program"),
            new ElfBuilder().function("main", 0, 0x40).function("work", 0x40, 0x40).build());
    trace = directory.resolve("t.bts");
    try (TraceWriter writer = TraceWriter.create(trace)) {
      writer.begin(TraceFiles.HEADER);
      List<List<?>> chunks =
          List.of(
              List.of(new SideEvent.ProcessStarted(7, 1, 7, 1, "sh")),
              List.of(new SideEvent.Exec(7, 2, 7, program.toString())),
              List.of(
                  new SideEvent.Mapped(
                      7,
                      3,
                      7,
                      START,
                      START + ElfBuilder.TEXT_BYTES,
                      ElfBuilder.TEXT_OFFSET,
                      program.toString(),
                      "")),
              List.of(
                  new BranchRecord(START + 4, START + 0x40, 0, 7),
                  new BranchRecord(START + 0x48, START + 0x900, 0, 7)),
              List.of(new SideEvent.ThreadStarted(8, 4, 7, 7)),
              List.of(new BranchRecord(-1, 0, 0, 8)),
              List.of(new SideEvent.Lost(8, 5, 12, "bu\u001bffer full")));
      chunks.forEach(chunk -> TraceFiles.feed(writer, chunk));
    }
  }

  @Test
  void rawIsFromAndToInLowerCaseHexAndNothingElse() {
    Run run = Run.bts("script", "--raw", trace.toString());

    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .isEqualTo(
            """
            555555554004 555555554040
            555555554048 555555554900
            ffffffffffffffff 0
            """);
  }

  @Test
  void textNamesFunctionsAndTellsSideEventsInTheirPlaces() {
    Run run = Run.bts("script", trace.toString());

    assertThat(run.status()).isZero();
    assertThat(run.out().lines())
        .containsExactly(
            "sh 7 * process 7 started by 1: sh",
            "program 7 * exec " + directory.resolve("program"),
            "program 7 * mapped 555555554000-555555555000 "
                + directory.resolve("program")
                + " from offset 0x1000",
            "program 7 main+0x4 (program) => work+0x0 (program)",
            "program 7 work+0x8 (program) => program+0x1900",
            "program 8 * thread started by 7 in process 7",
            "program 8 ffffffffffffffff => 0",
            "program 8 * LOST 12 branches: bu?ffer full");
  }

  @Test
  void oneThreadCanBeSelected() {
    assertThat(Run.bts("script", "--raw", "--tid", "8", trace.toString()).out())
        .isEqualTo("ffffffffffffffff 0\n");
  }

  @Test
  void aDamagedTraceIsPrintedAsFarAsItGoes() throws IOException {
    byte[] bytes = Files.readAllBytes(trace);
    Files.write(trace, Arrays.copyOf(bytes, bytes.length - 1));

    Run run = Run.bts("script", "--raw", trace.toString());

    assertThat(run.status()).isEqualTo(ExitCode.DAMAGED);
    assertThat(run.out()).hasLineCount(3);
    assertThat(run.err()).contains("no footer").contains("unknown number of branches");
  }

  @Test
  void aFileThatIsNoTraceIsRefused() {
    Run run = Run.bts("script", directory.resolve("program").toString());

    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("does not start as a trace file does").hasLineCount(1);
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    Run run = Run.bts("script", directory.resolve("none").toString());

    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).contains("there is no such file");
  }

  @Test
  void withoutAFileItIsWrongUsage() {
    assertThat(Run.bts("script").status()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aReaderThatHasSeenEnoughEndsItSilently() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);

    int status = Bts.run(new Console(closed, errors, false), "script", "--raw", trace.toString());

    assertThat(status).isEqualTo(141);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void longOutputIsWhole() throws IOException {
    Path large = directory.resolve("large.bts");
    try (TraceWriter writer = TraceWriter.create(large)) {
      writer.begin(TraceFiles.HEADER);
      for (int i = 0; i < 50_000; i++) {
        TraceFiles.feed(writer, List.of(new BranchRecord(i, 2L * i, 0, 1)));
      }
    }

    List<String> lines = Run.bts("script", "--raw", large.toString()).out().lines().toList();

    assertThat(lines).hasSize(50_000);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).isEqualTo(Integer.toHexString(i) + " " + Integer.toHexString(2 * i));
    }
  }
}
