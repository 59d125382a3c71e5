package dev.bts.kernel.helper;

import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.kernel.sys.Errno;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A command that a helper is ready to become. Between {@link CommandLauncher#prepare} and {@link
 * #go} a tracer takes its place: it seizes the helper and sees the exec as its first event.
 */
public final class PreparedExec {
  /** What execvp(3) runs files with that are no program: scripts without a first line #!. */
  private static final byte[] SHELL = KernelText.encode("/bin/sh");

  private final HelperProcess helper;
  private final byte[] program;
  private final List<byte[]> arguments;
  private final List<byte[]> environment;

  PreparedExec(
      HelperProcess helper, byte[] program, List<byte[]> arguments, List<byte[]> environment) {
    this.helper = helper;
    this.program = program.clone();
    this.arguments = List.copyOf(arguments);
    this.environment = List.copyOf(environment);
  }

  /** Returns the program that was found. */
  public Path program() {
    return Path.of(KernelText.decode(program));
  }

  /**
   * Executes the command. When this returns, the kernel has let go of the helper's program, and the
   * process, which keeps its pid, belongs to the caller, who must reap it; closing the helper
   * leaves it alone. A process that is killed in the middle of its exec counts as executed: its
   * wait status tells.
   *
   * <p>If the helper is traced, its exec stop comes after this, so the tracer's thread may call it;
   * but the helper must not be stopped now.
   *
   * @throws TargetException if the kernel refuses; the helper is then to be closed
   */
  public void go() {
    long vector = helper.placeStrings(environment);
    long answer = execute(program, arguments, vector);
    if (answer == -Errno.ENOEXEC) {
      List<byte[]> script = new ArrayList<>();
      script.add(SHELL);
      script.add(program);
      script.addAll(arguments.subList(1, arguments.size()));
      answer = execute(SHELL, script, vector);
    }
    if (answer < 0) {
      throw refused((int) -answer);
    }
  }

  private long execute(byte[] path, List<byte[]> vector, long environmentVector) {
    return helper.execute(helper.placeString(path), helper.placeStrings(vector), environmentVector);
  }

  private TargetException refused(int errno) {
    String asked = "execute '" + KernelText.decode(program) + "'";
    String answer = "the kernel answered " + Errno.name(errno);
    Explanation explanation =
        switch (errno) {
          case Errno.ENOENT ->
              new Explanation(
                  asked,
                  answer
                      + ": not found is the interpreter that its first line or its ELF header names",
                  "install the interpreter, or correct the first line");
          case Errno.EACCES, Errno.EPERM ->
              new Explanation(
                  asked,
                  "not executable: " + answer,
                  "check permissions of file and interpreter, and that its file system is not mounted"
                      + " noexec");
          case Errno.E2BIG ->
              new Explanation(
                  asked,
                  answer + ": arguments and environment are too long",
                  "shorten them, or raise 'ulimit -s': a quarter of it is their limit");
          case Errno.ETXTBSY ->
              new Explanation(
                  asked,
                  answer + ": somebody has the file open for writing",
                  "wait until it is closed");
          default -> new Explanation(asked, answer, "see execve(2)");
        };
    return new TargetException(
        explanation,
        errno == Errno.ENOENT
            ? TargetException.Reason.NOT_FOUND
            : TargetException.Reason.NOT_EXECUTABLE);
  }
}
