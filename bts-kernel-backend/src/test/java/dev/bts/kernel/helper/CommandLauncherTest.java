package dev.bts.kernel.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.InvalidRequestException;
import dev.bts.api.Target;
import dev.bts.api.TargetException;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CommandLauncherTest {
  private static final int DUP2 = 33;
  private static final int O_CREAT_WRONLY = 0x41;
  private static final int READ_AND_WRITE = 0x180;

  @TempDir private Path directory;

  @Test
  void runsACommandFoundInPath() throws IOException {
    Run run = run(List.of("sh", "-c", "echo \"$0 $1\"; exit 3", "a b", "c"), null, null, true);
    assertThat(run.output()).isEqualTo("a b c\n");
    assertThat(run.exitCode()).isEqualTo(3);
  }

  @Test
  void passesTheEnvironmentOn() throws IOException {
    Run run = run(List.of("env", "-0"), null, null, true);
    byte[] own = Files.readAllBytes(Path.of("/proc/self/environ"));
    assertThat(run.output()).isEqualTo(new String(own, StandardCharsets.UTF_8));
  }

  @Test
  void givesTheCommandTheEnvironmentOfTheRequestAlone() throws IOException {
    Run run =
        run(List.of("env"), Map.of("PATH", "/usr/bin:/bin", "GREETING", "grüß dich"), null, true);
    assertThat(run.output().lines())
        .containsExactlyInAnyOrder("PATH=/usr/bin:/bin", "GREETING=grüß dich");
  }

  @Test
  void looksInThePathOfTheCommandAndNotOfTheTracer() throws IOException {
    script("mine", "#!/bin/sh\necho mine\n");
    assertThat(run(List.of("mine"), Map.of("PATH", directory.toString()), null, true).output())
        .isEqualTo("mine\n");
    assertThatThrownBy(() -> run(List.of("mine"), null, null, true))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("not found");
  }

  @Test
  void usesTheDefaultPathWhereThereIsNone() throws IOException {
    assertThat(run(List.of("pwd"), Map.of(), Path.of("/"), true).output()).isEqualTo("/\n");
  }

  @Test
  void startsInTheDirectoryAskedForAndTakesEmptyPathElementsForIt() throws IOException {
    script("mine", "#!/bin/sh\npwd\n");
    Path real = directory.toRealPath();
    Map<String, String> environment = Map.of("PATH", "/nowhere::/nowhere/else");
    assertThat(run(List.of("mine"), environment, real, true).output()).isEqualTo(real + "\n");
    assertThat(run(List.of("./mine"), environment, real, true).output()).isEqualTo(real + "\n");
  }

  @Test
  void runsAFileWithoutAFirstLineWithTheShell() throws IOException {
    Path script = script("bare", "echo \"bare $1\"\n");
    assertThat(run(List.of(script.toString(), "x"), null, null, true).output())
        .isEqualTo("bare x\n");
  }

  @Test
  void passesOverFilesThatCannotBeExecuted() throws IOException {
    Files.createDirectories(directory.resolve("1/tool"));
    Files.createDirectories(directory.resolve("2"));
    Files.writeString(directory.resolve("2/tool"), "#!/bin/sh\n");
    Files.createDirectories(directory.resolve("3"));
    script("3/tool", "#!/bin/sh\necho third\n");
    String path = directory + "/1:" + directory + "/2:" + directory + "/3";
    assertThat(run(List.of("tool"), Map.of("PATH", path), null, true).output())
        .isEqualTo("third\n");
  }

  @Test
  void tellsAbsentFromNotExecutable() throws IOException {
    Files.writeString(directory.resolve("plain"), "#!/bin/sh\n");
    assertThatThrownBy(() -> run(List.of(directory + "/absent"), null, null, true))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("not found: no such file: check the path");
    assertThatThrownBy(
            () -> run(List.of("plain"), Map.of("PATH", directory.toString()), null, true))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("not executable: " + directory + "/plain");
    assertThatThrownBy(() -> run(List.of(directory.toString()), null, null, true))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("not executable: " + directory);
  }

  @Test
  void saysThatTheInterpreterIsMissing() throws IOException {
    Path script = script("orphan", "#!/no/such/interpreter\n");
    assertThatThrownBy(() -> run(List.of(script.toString()), null, null, true))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("ENOENT")
        .hasMessageContaining("interpreter");
  }

  @Test
  void saysThatTheDirectoryCannotBeEntered() {
    assertThatThrownBy(() -> run(List.of("true"), null, directory.resolve("gone"), true))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining(directory + "/gone")
        .hasMessageContaining("ENOENT");
  }

  @Test
  void refusesAnEnvironmentThatCannotBeExpressed() {
    assertThatThrownBy(() -> run(List.of("true"), Map.of("A=B", "C"), null, true))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("A=B");
  }

  @Test
  void laysProgramsOutAlikeWithoutRandomisation() throws IOException {
    List<String> maps = List.of("cat", "/proc/self/maps");
    assertThat(run(maps, null, null, false).output())
        .isEqualTo(run(maps, null, null, false).output());
    assertThat(run(maps, null, null, true).output())
        .isNotEqualTo(run(maps, null, null, true).output());
  }

  @Test
  void startsTheCommandWithTheSignalsAndCpusThatTheJvmStartedWith() throws IOException {
    List<String> ours =
        Files.readAllLines(Path.of("/proc/self/task/" + ProcessHandle.current().pid() + "/status"))
            .stream()
            .filter(line -> line.matches("(SigBlk|SigIgn|Cpus_allowed):.*"))
            .toList();
    try (NativeBuffer before = new NativeBuffer(1024);
        NativeBuffer pinned = new NativeBuffer(1024)) {
      long bytes = Sys.call(Sys.SCHED_GETAFFINITY, 0, 1024, before.address(), 0);
      int first = Long.numberOfTrailingZeros(before.bytes().getLong(0));
      pinned.bytes().putLong(0, 1L << first);
      Sys.call(Sys.SCHED_SETAFFINITY, 0, bytes, pinned.address(), 0);
      try {
        Run run = run(List.of("cat", "/proc/self/status"), null, null, true);
        assertThat(run.output().lines()).containsAll(ours).contains("SigCgt:\t0000000000000000");
      } finally {
        Sys.call(Sys.SCHED_SETAFFINITY, 0, bytes, before.address(), 0);
      }
    }
  }

  @Test
  void leavesTheCommandTheStandardStreamsAlone() throws IOException {
    // ls has one descriptor more than it was given: that of the directory it lists.
    Run run = run(List.of("ls", "/proc/self/fd"), null, null, true);
    assertThat(run.output().lines()).contains("1", "2").hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void letsATracerSeeTheExecAsTheFirstEvent() {
    try (HelperProcess helper = HelperProcess.start();
        NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
      PreparedExec prepared =
          CommandLauncher.prepare(helper, new Target.Command(List.of("true"), null, null, true));
      assertThat(prepared.program().getFileName()).hasToString("true");
      int pid = helper.pid();
      assertThat(Ptrace.call(Ptrace.SEIZE, pid, 0, Ptrace.O_TRACEEXEC | Ptrace.O_EXITKILL))
          .isZero();
      prepared.go();
      int options = Ptrace.WALL | Ptrace.WNOTHREAD;
      assertThat(Sys.call(Sys.WAIT4, pid, status.address(), options, 0)).isEqualTo(pid);
      assertThat(Ptrace.event(status.bytes().getInt(0))).isEqualTo(Ptrace.EVENT_EXEC);
      assertThat(Ptrace.call(Ptrace.CONT, pid, 0, 0)).isZero();
      assertThat(Sys.call(Sys.WAIT4, pid, status.address(), options, 0)).isEqualTo(pid);
      assertThat(Ptrace.exited(status.bytes().getInt(0))).isTrue();
      assertThat(Ptrace.exitCode(status.bytes().getInt(0))).isZero();
    }
  }

  private Path script(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  private record Run(String output, int exitCode) {}

  private Run run(
      List<String> arguments,
      @Nullable Map<String, String> environment,
      @Nullable Path workingDirectory,
      boolean randomized)
      throws IOException {
    Path output = Files.createTempFile(directory, "output", "");
    try (HelperProcess helper = HelperProcess.start();
        NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
      PreparedExec prepared =
          CommandLauncher.prepare(
              helper, new Target.Command(arguments, environment, workingDirectory, randomized));
      long file =
          helper.call(
              Sys.OPEN,
              helper.placeString(output.toString().getBytes(StandardCharsets.UTF_8)),
              O_CREAT_WRONLY,
              READ_AND_WRITE);
      assertThat(helper.call(DUP2, file, 1)).isEqualTo(1);
      assertThat(helper.call(Sys.CLOSE, file)).isZero();
      prepared.go();
      assertThat(Sys.call(Sys.WAIT4, helper.pid(), status.address(), Ptrace.WALL, 0))
          .isEqualTo(helper.pid());
      assertThat(Ptrace.exited(status.bytes().getInt(0))).isTrue();
      return new Run(Files.readString(output), Ptrace.exitCode(status.bytes().getInt(0)));
    }
  }
}
