package dev.bts.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How a command ran: its status as Java sees it, and what it wrote to its two streams.
 *
 * @param status the exit code, or 128 plus the signal
 */
record CommandRun(int status, String output, String errors) {
  private static final long TIMEOUT_MINUTES = 20;

  /**
   * Runs a command with an environment of its own, in a directory where its streams are kept as
   * {@code stdout} and {@code stderr}. A file {@code stdin} there, if there is one, is its input.
   */
  static CommandRun of(List<String> command, Map<String, String> environment, Path directory)
      throws IOException {
    Path output = directory.resolve("stdout");
    Path errors = directory.resolve("stderr");
    Path input = directory.resolve("stdin");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(Files.exists(input) ? input.toFile() : Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException(
            String.join(" ", command) + " took over " + TIMEOUT_MINUTES + " minutes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command.get(0), e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new CommandRun(process.exitValue(), Files.readString(output), Files.readString(errors));
  }
}
