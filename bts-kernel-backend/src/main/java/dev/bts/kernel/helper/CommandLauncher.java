package dev.bts.kernel.helper;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.KernelException;
import dev.bts.api.Target;
import dev.bts.api.TargetException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Personality;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Makes a helper ready to become a command, up to but without the final execve(2).
 *
 * <p>The command shall start as if the shell had started it in the JVM's place. What a JVM changes
 * of itself is put back: the signal mask and the CPU affinity are taken from the thread that the
 * process began with, in which no Java runs; descriptors above the standard streams are closed;
 * handlers are reset by exec, and a HotSpot JVM sets no signal to ignored. What cannot be put back,
 * because nothing remembers it: a SIGPIPE that was ignored when the JVM started is default for the
 * command, and the soft limit of open files is the hard one unless the JVM runs with {@code
 * -XX:-MaxFDLimit}.
 */
public final class CommandLauncher {
  /** Longest environment that is passed on; the kernel takes at most 6 MiB with arguments. */
  private static final int MAX_ENVIRONMENT_BYTES = 8 << 20;

  /** Room for the affinity of 8192 CPUs, the most that Linux can be built for. */
  private static final int AFFINITY_BYTES = 1024;

  private CommandLauncher() {}

  /**
   * Prepares a command in a helper. On failure the helper is to be closed.
   *
   * @throws TargetException if the program is not found or not executable, or the directory cannot
   *     be entered
   * @throws InvalidRequestException if the environment cannot be expressed
   */
  public static PreparedExec prepare(HelperProcess helper, Target.Command command) {
    Path directory = command.directory();
    if (directory != null) {
      enter(helper, directory);
    }
    Map<String, String> given = command.environment();
    List<byte[]> environment = given == null ? inherited() : environment(given);
    List<byte[]> arguments = new ArrayList<>();
    for (String argument : command.arguments()) {
      arguments.add(KernelText.encode(argument));
    }
    byte[] program = new ProgramPath(helper).resolve(arguments.get(0), environment);
    if (!command.randomized()) {
      long before =
          Errno.check(
              helper.call(Sys.PERSONALITY, Personality.QUERY), "read a helper's personality");
      Errno.check(
          helper.call(Sys.PERSONALITY, before | Personality.ADDR_NO_RANDOMIZE),
          "switch address space randomisation off");
    }
    restoreAffinity(helper);
    restoreSignalMask(helper);
    restoreDispositions(helper);
    return new PreparedExec(helper, program, arguments, environment);
  }

  private static void enter(HelperProcess helper, Path directory) {
    String path = directory.toString();
    long entered = helper.call(Sys.CHDIR, helper.placeString(KernelText.encode(path)));
    if (entered < 0) {
      throw new TargetException(
          new Explanation(
              "start a command in directory '" + path + "'",
              "it cannot be entered: " + Errno.name((int) -entered),
              "name a directory that exists and that this user may search"));
    }
  }

  /** The JVM's environment as it was given: Java's own copy has been through an encoding. */
  private static List<byte[]> inherited() {
    byte[] block;
    try (var in = Files.newInputStream(Path.of("/proc/self/environ"))) {
      block = in.readNBytes(MAX_ENVIRONMENT_BYTES);
    } catch (IOException e) {
      throw new KernelException(
          new Explanation(
              "pass the environment on to a command",
              "/proc/self/environ cannot be read: " + e,
              "give the environment in the request"),
          0,
          e);
    }
    List<byte[]> variables = new ArrayList<>();
    int from = 0;
    for (int at = 0; at < block.length; at++) {
      if (block[at] == 0) {
        if (at > from) {
          variables.add(Arrays.copyOfRange(block, from, at));
        }
        from = at + 1;
      }
    }
    return variables;
  }

  private static List<byte[]> environment(Map<String, String> given) {
    List<byte[]> variables = new ArrayList<>();
    given.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.indexOf('=') >= 0 || (name + value).indexOf('\0') >= 0) {
            throw new InvalidRequestException(
                new Explanation(
                    "set environment variable '" + name + "'",
                    "a name is not empty and holds no '=', and neither part holds a NUL",
                    "rename or remove it"));
          }
          variables.add(KernelText.encode(name + "=" + value));
        });
    return variables;
  }

  private static void restoreAffinity(HelperProcess helper) {
    byte[] mask;
    try (NativeBuffer buffer = new NativeBuffer(AFFINITY_BYTES)) {
      long bytes =
          Errno.check(
              Sys.call(Sys.SCHED_GETAFFINITY, firstThread(), AFFINITY_BYTES, buffer.address(), 0),
              "read the CPU affinity of the tracer");
      mask = new byte[(int) bytes];
      buffer.bytes().get(0, mask);
    }
    Errno.check(
        helper.call(Sys.SCHED_SETAFFINITY, 0, mask.length, helper.place(mask)),
        "give a command the CPU affinity of the tracer");
  }

  private static void restoreSignalMask(HelperProcess helper) {
    byte[] mask = new byte[Signals.SET_BYTES];
    ByteBuffer.wrap(mask)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0, ProcFile.statusSet(firstThread(), "SigBlk"));
    Errno.check(
        helper.call(
            Sys.RT_SIGPROCMASK, Signals.SIG_SETMASK, helper.place(mask), 0, Signals.SET_BYTES),
        "give a command the signal mask of the tracer");
  }

  /** glibc's posix_spawn(3) leaves its internal signals 32 and 33 ignored in the child. */
  private static void restoreDispositions(HelperProcess helper) {
    long ignored =
        ProcFile.statusSet(helper.pid(), "SigIgn") & ~ProcFile.statusSet(firstThread(), "SigIgn");
    long byDefault = helper.map(Signals.SIGACTION_BYTES);
    for (int signal = 1; signal <= Signals.COUNT; signal++) {
      if ((ignored & Signals.bit(signal)) != 0) {
        Errno.check(
            helper.call(Sys.RT_SIGACTION, signal, byDefault, 0, Signals.SET_BYTES),
            "give a command the signal dispositions of the tracer");
      }
    }
  }

  /** Returns the thread that the process began with: its thread id is the process id. */
  private static int firstThread() {
    return (int) ProcessHandle.current().pid();
  }
}
