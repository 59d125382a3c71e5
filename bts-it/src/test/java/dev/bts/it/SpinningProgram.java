package dev.bts.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.kernel.testing.TraceePrograms;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
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

  /** Where the program writes; a pipe of Java's would close when the starter is killed. */
  private final Path output;

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final ProcessHandle program;
  private volatile boolean closed;

  private SpinningProgram(Process starter, Path output, Path path) throws InterruptedException {
    this.starter = starter;
    this.output = output;
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
    Path output = Files.createTempFile(errors.toAbsolutePath().getParent(), "spin", ".out");
    Process starter =
        new ProcessBuilder(command)
            .redirectError(errors.toFile())
            .redirectOutput(output.toFile())
            .start();
    try {
      return new SpinningProgram(starter, output, path);
    } catch (RuntimeException | InterruptedException | AssertionError e) {
      starter.descendants().forEach(ProcessHandle::destroyForcibly);
      starter.destroyForcibly();
      throw e;
    }
  }

  /** Follows the file as it grows; the program writes whole lines. */
  private void readLines() {
    try (BufferedReader reader = Files.newBufferedReader(output)) {
      while (!closed) {
        String line = reader.readLine();
        if (line != null) {
          lines.add(line);
        } else {
          Thread.sleep(POLL_MILLIS);
        }
      }
    } catch (IOException | InterruptedException e) {
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
    closed = true;
    starter.descendants().forEach(ProcessHandle::destroyForcibly);
    starter.destroyForcibly();
    program.destroyForcibly();
  }
}
