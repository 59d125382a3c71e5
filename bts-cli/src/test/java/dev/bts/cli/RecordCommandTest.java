package dev.bts.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.api.BufferSpec;
import dev.bts.api.Mechanism;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.Target;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.trace.CollectingVisitor;
import dev.bts.cli.trace.TraceFiles;
import dev.bts.cli.trace.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RecordCommandTest {
  @TempDir Path directory;

  private static Run record(String... arguments) {
    List<String> all = new ArrayList<>(List.of("record", "--backend", "fake"));
    all.addAll(Arrays.asList(arguments));
    return Run.bts(all.toArray(String[]::new));
  }

  private static TraceRequest request() {
    return Objects.requireNonNull(FakeTracer.lastRequest);
  }

  private static FakeTracer.FakeSession session() {
    return Objects.requireNonNull(FakeTracer.lastSession);
  }

  @Test
  void theStatusIsThatOfTheCommand() {
    assertThat(record("--", "exit", "7").status()).isEqualTo(7);
  }

  @Test
  void deathByASignalIsShownAsAShellDoes() {
    assertThat(record("--", "die", "11").status()).isEqualTo(139);
  }

  @Test
  void theSummaryIsOneLineOnStandardError() {
    Run run = record("--", "exit", "0");

    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "bts: single-step, complete: 2 branches, 1 thread, 0 lost; 64 KiB buffer, 16 pages"
                + " charged to tracer (pid 99), refunded\n");
  }

  @Test
  void theTraceFileHoldsTheStreamTheHeaderAndTheRefund() throws IOException {
    Path file = directory.resolve("x.bts");

    Run run = record("-o", file.toString(), "--", "exit", "0");

    assertThat(run.err()).endsWith("; " + file + " " + Plain.size(Files.size(file)) + "\n");
    CollectingVisitor read = TraceFiles.read(file);
    assertThat(read.damage).isEmpty();
    assertThat(read.records()).containsExactly(FakeTracer.BRANCH, FakeTracer.BRANCH);
    assertThat(read.items.get(0)).isInstanceOf(SideEvent.Charged.class);
    assertThat(read.items.get(read.items.size() - 1)).isInstanceOf(SideEvent.Refunded.class);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.header().orElseThrow().command()).containsExactly("exit", "0");
      assertThat(reader.header().orElseThrow().mechanism()).isEqualTo(Mechanism.SINGLE_STEP);
      assertThat(reader.header().orElseThrow().machine()).containsKeys("kernel", "cpu");
    }
  }

  @Test
  void optionsReachTheRequest() {
    Run run =
        record(
            "--mechanism",
            "block-step",
            "--buffer",
            "64K",
            "--overflow",
            "wrap",
            "--charge",
            "tracee",
            "--charge-other",
            "--strict",
            "--on-refusal",
            "lose",
            "--no-aslr",
            "--kill-on-exit",
            "--",
            "exit",
            "0");

    assertThat(run.status()).isZero();
    assertThat(request().mechanisms()).containsExactly(Mechanism.BLOCK_STEP);
    assertThat(request().buffer()).isEqualTo(new BufferSpec(65536, Overflow.WRAP));
    assertThat(request().policy().orElseThrow().name()).isEqualTo("tracee");
    assertThat(request().chargeOther()).isTrue();
    assertThat(request().strict()).isTrue();
    assertThat(request().killOnExit()).isTrue();
    assertThat(request().onRefusal()).isEqualTo(OnRefusal.LOSE);
    assertThat(((Target.Command) request().target()).randomized()).isFalse();
  }

  @Test
  void withoutOptionsTheDefaultsOfTheLibraryHold() {
    record("exit", "0");

    assertThat(request().mechanisms()).isEmpty();
    assertThat(request().policy()).isEmpty();
    assertThat(request().buffer()).isEqualTo(new BufferSpec(BufferSpec.AUTO, Overflow.DRAIN));
    assertThat(request().strict()).isFalse();
  }

  @Test
  void optionsOfTheCommandAreItsOwn() {
    record("exit", "0", "--strict", "-o", "@file", "--", "--help");

    assertThat(((Target.Command) request().target()).arguments())
        .containsExactly("exit", "0", "--strict", "-o", "@file", "--", "--help");
    assertThat(request().strict()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"absent, 127", "text, 126", "setuid, 125"})
  void aCommandThatCannotBeTracedHasTheStatusOfEnvAndTimeout(String command, int status) {
    Path file = directory.resolve("never.bts");

    Run run = record("-o", file.toString(), "--", command);

    assertThat(run.status()).isEqualTo(status);
    assertThat(run.err()).startsWith("bts: start it: ").contains("take another");
    assertThat(file).doesNotExist();
  }

  @Test
  void aCommandThatCannotBeTracedDoesNotCostAnOldTrace() throws IOException {
    Path file = Files.writeString(directory.resolve("old.bts"), "precious");

    record("-o", file.toString(), "--", "absent");

    assertThat(file).hasContent("precious");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--buffer=-1",
        "--buffer=x",
        "--buffer=",
        "--buffer=99999999999999999999",
        "--buffer=9000000000G",
        "--buffer=3G",
        "--overflow=sometimes",
        "--mechanism=magic",
        "--charge=nobody",
        "--on-refusal=cry",
        "--nonsense"
      })
  void absurdOptionsAreRefusedWithStatus125(String option) {
    Run run = record(option, "--", "exit", "0");

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).startsWith("bts: ").doesNotContain("mistake in bts");
  }

  @Test
  void noCommandIsRefused() {
    Run run = record();

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).contains("no command was given");
  }

  @Test
  void commandAndProcessTogetherAreRefused() {
    Run run = record("-p", "1", "--", "exit", "0");

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).contains("one session traces one of the two");
  }

  @Test
  void anUnknownBackendIsRefused() {
    Run run = Run.bts("record", "--backend", "vax", "--", "exit", "0");

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).contains("backend 'vax'");
  }

  @Test
  void aFileThatCannotBeWrittenIsRefusedBeforeAnythingRuns() {
    FakeTracer.lastSession = null;

    Run run = record("-o", directory.resolve("no/such/x.bts").toString(), "--", "exit", "0");

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).contains("its directory does not exist");
    assertThat(FakeTracer.lastSession).isNull();
  }

  @Test
  void aFullDiskLetsTheCommandGoAndSaysSo() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");

    Run run = record("-o", "/dev/full", "--", "flood", "1000");

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err())
        .startsWith("bts: write the trace to /dev/full: No space left on device")
        .hasLineCount(1);
    assertThat(session().state()).isEqualTo(TraceSession.State.DETACHED);
    assertThat(session().isClosed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "HUP, 129"})
  void aSignalToBtsLetsTheCommandGoAndFinishesTheFile(String signal, int status)
      throws IOException {
    assumeFalse(
        isIgnored(status - 128),
        "SIG" + signal + " was ignored when this JVM started (nohup), and Java leaves it so");
    Path file = directory.resolve("x.bts");

    Run run = record("-o", file.toString(), "--", "raise", signal);

    assertThat(run.status()).isEqualTo(status);
    assertThat(run.err()).contains("let go of 4321").hasLineCount(1);
    assertThat(session().isClosed()).isTrue();
    assertThat(TraceFiles.read(file).damage).isEmpty();
  }

  @Test
  void interruptingAnAttachedSessionDetachesWithStatusZero() throws InterruptedException {
    Thread interrupter = new Thread(() -> interruptOnceTracing());
    FakeTracer.lastSession = null;
    interrupter.start();

    Run run = record("-p", "4321");

    interrupter.join();
    assertThat(run.status()).isZero();
    assertThat(run.err()).contains("let go of 4321 on signal 2");
    assertThat(session().isClosed()).isTrue();
  }

  private static boolean isIgnored(int signal) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        long set = Long.parseUnsignedLong(line.substring("SigIgn:".length()).trim(), 16);
        return (set & 1L << (signal - 1)) != 0;
      }
    }
    throw new IllegalStateException("no SigIgn in /proc/self/status");
  }

  private static void interruptOnceTracing() {
    while (FakeTracer.lastSession == null || session().state() != TraceSession.State.TRACING) {
      Thread.onSpinWait();
    }
    FakeTracer.FakeSession.raise("INT");
  }

  @Test
  void interruptsAreTheCommandsAffair() {
    // Were Ctrl-C not left to the command, it would end the test's virtual machine.
    Run run = record("--", "interrupted", "0");

    assertThat(run.status()).isZero();
  }
}
