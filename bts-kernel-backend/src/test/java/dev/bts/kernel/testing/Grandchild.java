package dev.bts.kernel.testing;

import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that is not a child of this JVM, so that it can be traced: for a child of
 * ProcessBuilder a thread of the JVM waits, and would take the stops that its tracer waits for.
 */
public final class Grandchild {
  private Grandchild() {}

  /** Starts a command in the background, its output thrown away; returns its process id. */
  public static int start(String... command) {
    List<String> shell =
        new ArrayList<>(List.of("sh", "-c", "\"$0\" \"$@\" >/dev/null 2>&1 & echo $!"));
    shell.addAll(List.of(command));
    try {
      Process process = new ProcessBuilder(shell).start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        return Integer.parseInt(out.readLine());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns whether the process exists and runs or could run: no zombie, not traced and stopped.
   */
  public static boolean runs(int pid) {
    String state = ProcFile.statusField(pid, "State").orElse("X");
    return !state.startsWith("Z") && !state.startsWith("X") && !state.startsWith("t");
  }

  /** Kills a process and waits until it is gone. */
  public static void kill(int pid) {
    Sys.call(Sys.KILL, pid, Signals.SIGKILL);
    while (runs(pid)) {
      Thread.onSpinWait();
    }
  }
}
