package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the tracer is killed, the program runs on to its own end, or dies at once if so asked. */
class TracerDeathTest {
  private static final int LONGEST_WAIT_MILLIS = 300;

  @TempDir Path directory;

  @RepeatedTest(5)
  void theProgramRunsOnToItsEnd(RepetitionInfo repetition)
      throws IOException, InterruptedException {
    int seed = repetition.getCurrentRepetition();
    try (SpinningProgram spin = traced()) {
      // Not for synchronisation: the tracer is to die at a different moment each time.
      Thread.sleep(new Random(seed).nextInt(LONGEST_WAIT_MILLIS));
      spin.starter().destroyForcibly().waitFor();
      spin.expectToCompute();
      assertThat(ProcessState.of(spin.pid()).isTraced()).isFalse();
      spin.terminate();
    }
  }

  @Test
  void theProgramDiesAtOnceIfSoAsked() throws IOException, InterruptedException {
    try (SpinningProgram spin = traced("--kill-on-exit")) {
      spin.starter().destroyForcibly().waitFor();
      SpinningProgram.await("the end of the program", () -> !spin.isAlive());
    }
  }

  private SpinningProgram traced(String... options) throws IOException, InterruptedException {
    Path trace = directory.resolve("trace.bts");
    Files.deleteIfExists(trace);
    List<String> record = new ArrayList<>(List.of("record", "--mechanism", "single-step"));
    record.addAll(List.of(options));
    record.addAll(List.of("-o", trace.toString(), "--"));
    return SpinningProgram.start(BtsCommand.line(record), 2, directory.resolve("errors"));
  }
}
