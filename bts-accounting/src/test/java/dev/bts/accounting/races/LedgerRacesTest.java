package dev.bts.accounting.races;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jcstress.Main;

/**
 * Runs {@link LedgerRaces} with jcstress, in a process of its own, because it starts more of them
 * and ends with exit.
 */
class LedgerRacesTest {
  private static final int RACES = 6;

  @TempDir Path directory;

  /** Half a second for each race, in one process each, as the virtual machine is. */
  @Test
  void noRaceHasAForbiddenOutcome() throws IOException, InterruptedException {
    run(
        "-f",
        "1",
        "-iters",
        "1",
        "-time",
        "500",
        "-sc",
        "false",
        "-af",
        "NONE",
        "-jvmArgs",
        "-Xmx256m");
  }

  /** Through the ways to compile and to place the threads, for some minutes. */
  @Test
  @Tag("slow")
  void noRaceHasAForbiddenOutcomeHoweverItIsCompiled() throws IOException, InterruptedException {
    run("-f", "1", "-iters", "1", "-time", "300");
  }

  private void run(String... mode) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "-t",
                LedgerRaces.class.getSimpleName(),
                "-r",
                directory.resolve("results").toString()));
    command.addAll(List.of(mode));
    Path output = directory.resolve("output");
    Process jcstress =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status;
    try {
      status = jcstress.waitFor();
    } finally {
      jcstress.descendants().forEach(ProcessHandle::destroyForcibly);
      jcstress.destroyForcibly();
    }
    String text = Files.readString(output);
    assertThat(status).as(text).isZero();
    // A run in which nothing was found or nothing could be started also ends with 0.
    Matcher passed =
        Pattern.compile("Results: \\d+ planned; (\\d+) passed, 0 failed, 0 soft errs, 0 hard errs")
            .matcher(text);
    int most = 0;
    while (passed.find()) {
      most = Math.max(most, Integer.parseInt(passed.group(1)));
    }
    assertThat(most).as(text).isGreaterThanOrEqualTo(RACES);
  }
}
