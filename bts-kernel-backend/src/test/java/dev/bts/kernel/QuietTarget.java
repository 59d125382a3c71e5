package dev.bts.kernel;

import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.testing.TraceePrograms;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process to be traced that waits for its input, does a little for each byte, and ends with the
 * input. It is a grandchild of this JVM, so that no thread of the JVM waits for it.
 */
final class QuietTarget implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final Process shell;
  private final BufferedReader out;
  private final int pid;

  /** Starts a program, and waits until it waits for its input. */
  QuietTarget(String program, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "exec 3<&0; \"$0\" \"$@\" <&3 3<&- 2>/dev/null >/dev/null & echo $!;"
                    + " exec 3<&- <&-; wait $!; echo $?"));
    command.add(TraceePrograms.compile(program).toString());
    command.addAll(List.of(arguments));
    try {
      shell = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      out = shell.inputReader();
      pid = Integer.parseInt(out.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Stage.await(this::isInRead);
  }

  private boolean isInRead() {
    // The number of the system call that it sleeps in, read(2) being 0 and descriptor 0 its first.
    List<String> call = ProcFile.lines("/proc/" + pid + "/syscall");
    return !call.isEmpty() && call.get(0).startsWith("0 0x0 ");
  }

  int pid() {
    return pid;
  }

  /** Has it work, if it is still there. */
  void poke() {
    try {
      shell.getOutputStream().write('x');
      shell.getOutputStream().flush();
    } catch (IOException ended) {
      // Nobody reads it any more.
    }
  }

  private void endInput() {
    try {
      shell.getOutputStream().close();
    } catch (IOException ended) {
      // Nobody reads it any more.
    }
  }

  /** Ends its input and returns its exit status, as a shell has it; -1 if it does not end. */
  int finish() {
    endInput();
    try {
      String line =
          CompletableFuture.supplyAsync(this::lastLine).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return Integer.parseInt(line);
    } catch (TimeoutException | ExecutionException stuckOrClosed) {
      return -1;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String lastLine() {
    try {
      return out.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what a tracer could leave in the process: signals, its tracer, memory, descriptors. */
  List<String> traces() {
    List<String> lines = new ArrayList<>();
    for (String field :
        List.of("TracerPid", "SigBlk", "SigIgn", "SigCgt", "VmLck", "Cpus_allowed", "CapEff")) {
      lines.add(field + "\t" + ProcFile.statusField(pid, field).orElse("none"));
    }
    ProcFile.lines("/proc/" + pid + "/maps").stream()
        .filter(line -> line.contains("bts:") || line.contains("/SYSV"))
        .forEach(lines::add);
    String[] descriptors = new File("/proc/" + pid + "/fd").list();
    lines.addAll(descriptors == null ? List.of() : Arrays.stream(descriptors).sorted().toList());
    return lines;
  }

  @Override
  public void close() {
    shell.descendants().forEach(ProcessHandle::destroyForcibly);
    shell.destroyForcibly();
  }
}
