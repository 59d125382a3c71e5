package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.Mechanism;
import dev.bts.it.containers.Trace;
import dev.bts.it.containers.TraceAssert;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Signals from outside reach a traced program as they would natively. */
class SignalsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void aHandledSignalEndsTheProgramItsOwnWay(Mechanism mechanism)
      throws IOException, InterruptedException {
    try (SpinningProgram spin = traced(mechanism, List.of())) {
      spin.expectToCompute();
      spin.terminate();
      assertThat(spin.awaitStatus()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void anInterruptFromTheTerminalEndsTheProgramAndKeepsTheTrace(Mechanism mechanism)
      throws IOException, InterruptedException {
    // A terminal sends the signal to the whole group of processes in the foreground.
    try (SpinningProgram spin = traced(mechanism, List.of("/usr/bin/setsid", "--wait"))) {
      long group = group(spin.pid());
      SpinningProgram.signal("INT", -group);
      assertThat(spin.awaitStatus()).isEqualTo(128 + 2);
    }
    Trace kept = Trace.read(trace());
    TraceAssert.assertThat(kept).complete();
    assertThat(kept.branches()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_STEP", "SOFTWARE_BTS"})
  void aStoppedProgramStandsUntilItIsContinued(Mechanism mechanism)
      throws IOException, InterruptedException {
    try (SpinningProgram spin = traced(mechanism, List.of())) {
      SpinningProgram.signal("STOP", spin.pid());
      SpinningProgram.await("all threads stopped", () -> isStopped(spin.pid()));
      SpinningProgram.signal("CONT", spin.pid());
      spin.expectToCompute();
      spin.terminate();
      assertThat(spin.awaitStatus()).isZero();
    }
  }

  private Path trace() {
    return directory.resolve("trace.bts");
  }

  private SpinningProgram traced(Mechanism mechanism, List<String> prefix)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        BtsCommand.line(
            List.of("record", "--mechanism", mechanism.label(), "-o", trace().toString(), "--")));
    return SpinningProgram.start(command, 2, directory.resolve("errors"));
  }

  /** The fields of /proc/PID/stat behind the name, which may hold blanks; proc(5). */
  private static String[] stat(Path file) throws IOException {
    String text = Files.readString(file);
    return text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static long group(long pid) throws IOException {
    return Long.parseLong(stat(Path.of("/proc", String.valueOf(pid), "stat"))[2]);
  }

  private static boolean isStopped(long pid) {
    try (var threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
      for (Path thread : threads.toList()) {
        if (!stat(thread.resolve("stat"))[0].equalsIgnoreCase("t")) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
