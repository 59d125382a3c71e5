package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.TraceePrograms;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The tracee {@code spin}, running, alone or under a tracer: it computes in several threads until
 * SIGTERM. Closing it kills whatever is left of it and of its starter.
 */
final class SpinningProgram implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 60;
  private static final long POLL_MILLIS = 10;

  private final Process starter;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final ProcessHandle program;

  private SpinningProgram(Process starter, Path path) throws InterruptedException {
    this.starter = starter;
    Thread reader = new Thread(this::readLines, "output of spin");
    reader.setDaemon(true);
    reader.start();
    expectLine("ready");
    this.program =
        Stream.concat(Stream.of(starter.toHandle()), starter.descendants())
            .filter(process -> process.info().command().equals(Optional.of(path.toString())))
            .findFirst()
            .orElseThrow();
  }

  /** Starts the program, with its command behind the given one, and waits until all threads run. */
  static SpinningProgram start(List<String> prefix, int threads, Path errors)
      throws IOException, InterruptedException {
    Path path = TraceePrograms.compile("spin");
    List<String> command = new ArrayList<>();
    command.add(TraceePrograms.compile("plain_start").toString());
    command.addAll(prefix);
    command.addAll(List.of(path.toString(), String.valueOf(threads)));
    Process starter = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    try {
      return new SpinningProgram(starter, path);
    } catch (RuntimeException | InterruptedException | AssertionError e) {
      starter.descendants().forEach(ProcessHandle::destroyForcibly);
      starter.destroyForcibly();
      throw e;
    }
  }

  private void readLines() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(starter.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      // The test that waits for a line reports what came last.
      lines.add("cannot read the output: " + e);
    }
  }

  /** Returns what was started: the program itself, or its tracer. */
  Process starter() {
    return starter;
  }

  long pid() {
    return program.pid();
  }

  boolean isAlive() {
    return program.isAlive();
  }

  /** Waits for the next line of output, which must be this one. */
  void expectLine(String expected) throws InterruptedException {
    assertThat(lines.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("output").isEqualTo(expected);
  }

  /** Asks the program whether it computes. */
  void expectToCompute() throws IOException, InterruptedException {
    signal("USR1", pid());
    expectLine("alive and computing");
  }

  /** Ends the program with SIGTERM, which it handles. */
  void terminate() throws IOException, InterruptedException {
    signal("TERM", pid());
    expectLine("terminated");
    expectLine("EXIT-SUCCESS");
  }

  /** Waits until the starter has ended and returns its status. */
  int awaitStatus() throws InterruptedException {
    assertThat(starter.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("the end").isTrue();
    return starter.exitValue();
  }

  static void signal(String name, long pid) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, "--", String.valueOf(pid)).start();
    assertThat(kill.waitFor()).as("kill -" + name + " " + pid).isZero();
  }

  /** Waits until a condition holds, by looking again and again. */
  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long for: " + what).isLessThan(deadline);
      Thread.sleep(POLL_MILLIS);
    }
  }

  @Override
  public void close() {
    starter.descendants().forEach(ProcessHandle::destroyForcibly);
    starter.destroyForcibly();
    program.destroyForcibly();
  }
}
