package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running program is attached to and let go, and nothing of the tracer is left in it. */
class AttachTest {
  private static final int THREADS = 4;
  private static final long TIMEOUT_SECONDS = 60;

  @TempDir Path directory;

  @Test
  void detachingLeavesNothingBehind() throws IOException, InterruptedException {
    Path trace = directory.resolve("trace.bts");
    try (SpinningProgram spin =
        SpinningProgram.start(List.of(), THREADS, directory.resolve("errors"))) {
      ProcessState before = ProcessState.of(spin.pid());
      Process tracer =
          new ProcessBuilder(
                  BtsCommand.line(
                      List.of(
                          "record",
                          "--mechanism",
                          "single-step",
                          "-o",
                          trace.toString(),
                          "-p",
                          String.valueOf(spin.pid()))))
              .redirectOutput(directory.resolve("stdout").toFile())
              .redirectError(directory.resolve("stderr").toFile())
              .start();
      try {
        SpinningProgram.await(
            "all threads traced", () -> isTraced(spin.pid()) || !tracer.isAlive());
        assertThat(tracer.isAlive()).as(Files.readString(directory.resolve("stderr"))).isTrue();
        spin.expectToCompute();
        SpinningProgram.signal("INT", tracer.pid());
        assertThat(tracer.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("the end").isTrue();
      } finally {
        tracer.destroyForcibly();
      }
      assertThat(ProcessState.of(spin.pid())).isEqualTo(before);
      spin.expectToCompute();
      spin.terminate();
      assertThat(spin.awaitStatus()).isZero();
    }
    assertThat(Files.readString(directory.resolve("stderr"))).contains("single-step");
    CommandRun script =
        CommandRun.of(
            BtsCommand.line(List.of("script", "--raw", trace.toString())),
            Map.of("PATH", "/usr/bin:/bin"),
            directory);
    assertThat(script.status()).as(script.errors()).isZero();
    assertThat(script.output().lines()).hasSizeGreaterThan(100);
  }

  private static boolean isTraced(long pid) {
    try {
      return ProcessState.of(pid).isTraced();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
