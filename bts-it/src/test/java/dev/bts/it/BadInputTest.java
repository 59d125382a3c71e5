package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be done ends with a clear error and the right status, and leaves nothing behind. */
class BadInputTest {
  private static final int OWN_ERROR = 125;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int DAMAGED = 3;

  @TempDir Path directory;

  @Test
  void anUnknownCommand() throws IOException {
    assertFails(NOT_FOUND, bts("record", "--", "no-such-command"), "no-such-command", "not found");
  }

  @Test
  void aFileThatIsNoProgram() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "text");
    assertFails(NOT_EXECUTABLE, bts("record", "--", file.toString()), "not executable", "chmod +x");
  }

  @Test
  void aProgramOfThirtyTwoBits() throws IOException {
    Requirements.tool("as", "install binutils");
    Path source =
        Files.writeString(
            directory.resolve("exit.s"),
            ".globl _start\n_start: movl $1,%eax; movl $7,%ebx; int $0x80\n");
    CommandRun build =
        shell("as --32 -o exit.o " + source + " && ld -m elf_i386 -o exit32 exit.o && ./exit32");
    assumeTrue(build.status() == 7, "this system does not run 32-bit programs: " + build.errors());
    assertFails(
        OWN_ERROR,
        bts("record", "--", directory.resolve("exit32").toString()),
        "it is a 32-bit program");
  }

  @Test
  void aSetUserIdProgramOfAnOrdinaryUser() throws IOException {
    Requirements.tool("setpriv", "install util-linux");
    List<String> line = new ArrayList<>(Users.ordinary());
    Users.letEverybodyIn(directory);
    line.addAll(
        BtsCommand.lineForAnybody(
            directory.resolve("classes"), List.of("record", "--", "su", "--version")));
    assertFails(
        OWN_ERROR,
        CommandRun.of(line, Map.of("PATH", "/usr/bin:/bin"), directory),
        "set-user-ID",
        "run bts as root");
  }

  @Test
  void aProcessThatDoesNotExist() throws IOException {
    assertFails(OWN_ERROR, bts("record", "-p", "4000000"), "4000000", "no such process");
  }

  @Test
  void aProcessThatIsTracedAlready() throws IOException, InterruptedException {
    try (SpinningProgram spin =
        SpinningProgram.start(
            BtsCommand.line(List.of("record", "--mechanism", "single-step", "--")),
            1,
            directory.resolve("errors"))) {
      assertFails(
          OWN_ERROR,
          bts("record", "-p", String.valueOf(spin.pid())),
          "traces it already",
          "one tracer");
    }
  }

  @Test
  void anAbsurdBuffer() throws IOException {
    assertFails(OWN_ERROR, bts("record", "--buffer", "many", "--", "true"), "--buffer");
    assertFails(
        OWN_ERROR, bts("record", "--buffer", "100G", "--", "true"), "size must lie between");
  }

  @Test
  void aFullDisk() throws IOException {
    CommandRun run =
        bts("record", "-o", "/dev/full", "--", TraceePrograms.compile("asm_short").toString());
    assertFails(OWN_ERROR, run, "/dev/full");
  }

  @Test
  void aFileThatIsNoTraceAndOneThatIsCutOff() throws IOException {
    Path noTrace = Files.writeString(directory.resolve("no.bts"), "this is no trace\n".repeat(9));
    assertThat(bts("report", noTrace.toString()).status()).isNotZero();
    Path trace = directory.resolve("whole.bts");
    CommandRun recorded =
        bts("record", "-o", trace.toString(), "--", TraceePrograms.compile("asm_short").toString());
    assertThat(recorded.status()).as(recorded.errors()).isEqualTo(3);
    byte[] whole = Files.readAllBytes(trace);
    Path cut = directory.resolve("cut.bts");
    Files.write(cut, Arrays.copyOf(whole, whole.length - whole.length / 4));
    assertFails(DAMAGED, bts("script", "--raw", cut.toString()), "cut.bts");
  }

  private static void assertFails(int status, CommandRun run, String... says) {
    assertThat(run.errors()).contains(says);
    assertThat(run.errors()).doesNotContain("\tat ").doesNotContain("Exception");
    assertThat(run.status()).as(run.errors()).isEqualTo(status);
  }

  private CommandRun shell(String script) throws IOException {
    return CommandRun.of(List.of("sh", "-c", script), Map.of("PATH", "/usr/bin:/bin"), directory);
  }

  private CommandRun bts(String... arguments) throws IOException {
    return CommandRun.of(
        BtsCommand.line(List.of(arguments)), Map.of("PATH", "/usr/bin:/bin"), directory);
  }
}
