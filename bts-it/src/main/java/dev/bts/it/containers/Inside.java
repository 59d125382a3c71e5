package dev.bts.it.containers;

import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.containers.ExecConfig;

/**
 * Commands in a container: as a user, behind other commands that change limits or namespaces. Each
 * run waits for the command's end.
 */
public final class Inside {
  private static final AtomicInteger TRACES = new AtomicInteger();

  private final BtsContainer container;
  private final String user;
  private final List<String> prefix;

  Inside(BtsContainer container, String user, List<String> prefix) {
    this.container = container;
    this.user = user;
    this.prefix = List.copyOf(prefix);
  }

  /** Returns the same with every command behind another, such as {@code setpriv --no-new-privs}. */
  public Inside behind(String... command) {
    List<String> longer = new ArrayList<>(prefix);
    longer.addAll(List.of(command));
    return new Inside(container, user, longer);
  }

  /**
   * Returns the same under a limit of locked memory in bytes, which may not be above that of the
   * container.
   */
  public Inside memlock(long bytes) {
    String limit = bytes == BtsContainer.UNLIMITED ? "unlimited" : String.valueOf(bytes);
    return behind("prlimit", "--memlock=" + limit + ":" + limit);
  }

  /** Runs a command. */
  public Run run(String... command) {
    List<String> line = new ArrayList<>(prefix);
    line.addAll(List.of(command));
    ExecConfig.ExecConfigBuilder exec = ExecConfig.builder().command(line.toArray(String[]::new));
    if (!user.isEmpty()) {
      exec.user(user);
    }
    try {
      var result = container.execInContainer(exec.build());
      return new Run(result.getExitCode(), result.getStdout(), result.getStderr());
    } catch (IOException e) {
      throw new IllegalStateException("cannot run " + line + " in the container", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + line, e);
    }
  }

  /** Runs the command bts. */
  public Run bts(String... arguments) {
    List<String> line = new ArrayList<>(List.of("bts"));
    line.addAll(List.of(arguments));
    return run(line.toArray(String[]::new));
  }

  /**
   * Runs {@code bts record} and copies the trace out, whatever the status of the command is.
   *
   * @param arguments of {@code record}, without {@code -o}
   * @throws IllegalStateException with what bts said, if there is no trace, because bts refused
   */
  public Trace record(String... arguments) {
    String file = "/tmp/" + TRACES.incrementAndGet() + ".bts";
    List<String> line = new ArrayList<>(List.of("record", "-o", file));
    line.addAll(List.of(arguments));
    Run run = bts(line.toArray(String[]::new));
    try {
      return container.trace(file);
    } catch (NotFoundException e) {
      throw new IllegalStateException(
          "bts has recorded nothing, status " + run.status() + ": " + run.errors(), e);
    }
  }

  /**
   * Starts a command and does not wait for its end. Its output is not kept; a command that tells
   * something writes it to a file.
   *
   * @return its process id, as seen in the container
   */
  public int start(String... command) {
    List<String> line =
        new ArrayList<>(List.of("sh", "-c", "\"$@\" </dev/null >/dev/null 2>&1 & echo $!", "sh"));
    line.addAll(List.of(command));
    Run run = run(line.toArray(String[]::new));
    if (run.status() != 0) {
      throw new IllegalStateException("cannot start " + line + ": " + run.errors());
    }
    return Integer.parseInt(run.output().strip());
  }

  /** Sends a signal to a process. */
  public void signal(String name, int pid) {
    Run run = run("sh", "-c", "kill -s " + name + " " + pid);
    if (run.status() != 0) {
      throw new IllegalStateException("cannot send " + name + " to " + pid + ": " + run.errors());
    }
  }

  /**
   * How a command ran.
   *
   * @param status its exit status, or 128 plus the signal
   * @param output what it wrote to standard output
   * @param errors what it wrote to standard error
   */
  public record Run(int status, String output, String errors) {}
}
