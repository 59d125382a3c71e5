package dev.bts.kernel.ptrace;

import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.UserRegs;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** Which processes can be traced, and why the others cannot. */
final class TraceTarget {
  /** The code segment of 32-bit programs on a 64-bit kernel (__USER32_CS). */
  private static final long USER32_CS = 0x23;

  private TraceTarget() {}

  /** Returns the threads that a process has now. */
  static List<Integer> threads(int pid) {
    List<Integer> threads = new ArrayList<>();
    String[] names = new File("/proc/" + pid + "/task").list();
    if (names != null) {
      for (String name : names) {
        threads.add(Integer.parseInt(name));
      }
    }
    return threads;
  }

  /** Refuses what is known beforehand not to be traceable. */
  static void check(int pid) {
    String state = ProcFile.statusField(pid, "State").orElse("");
    if (state.isEmpty()) {
      throw vanished(pid);
    }
    if (state.startsWith("Z") && !ProcFile.hasMemory(pid)) {
      throw refusal(pid, "it has ended and waits for its parent", "trace another process");
    }
    int tracer = ProcFile.sharedField(pid, "TracerPid").map(Integer::parseInt).orElse(0);
    if (tracer != 0) {
      // The kernel names the thread that traces.
      int process = ProcFile.statusField(tracer, "Tgid").map(Integer::parseInt).orElse(tracer);
      String name = ProcFile.statusField(process, "Name").orElse("unknown");
      throw refusal(
          pid,
          "process " + process + " (" + name + ") traces it already, and a process has one tracer",
          "end that tracer first");
    }
  }

  /** Returns the failure of a process that does not exist. */
  static TargetException vanished(int pid) {
    return refusal(pid, "there is no such process", "see ps(1)");
  }

  /** Returns the failure that an errno of PTRACE_SEIZE means. */
  static TargetException refused(int pid, int errno) {
    if (errno == Errno.ESRCH) {
      return vanished(pid);
    }
    String owner = ProcFile.statusField(pid, "Uid").orElse("unknown").split("\\s+", 2)[0];
    String own = ProcFile.statusField((int) ProcessHandle.current().pid(), "Uid").orElse("");
    String scope =
        ProcFile.lines("/proc/sys/kernel/yama/ptrace_scope").stream()
            .findFirst()
            .map(value -> "; kernel.yama.ptrace_scope is " + value)
            .orElse("");
    return refusal(
        pid,
        "the kernel answered "
            + Errno.name(errno)
            + " (it runs as uid "
            + owner
            + ", the tracer as uid "
            + own.split("\\s+", 2)[0]
            + scope
            + ")",
        "trace a process of your own, or run as root; set-user-ID and non-dumpable programs need"
            + " root");
  }

  /** Refuses a task that executes in another mode than 64-bit mode. */
  static void checkMode(Task task) {
    if (is32Bit(task)) {
      throw refusal(
          task.tracee().pid(),
          "it is a 32-bit program, and only 64-bit code is understood",
          "trace its 64-bit build");
    }
  }

  static boolean is32Bit(Task task) {
    return task.registers.get(UserRegs.CS) == USER32_CS;
  }

  private static TargetException refusal(int pid, String obstacle, String remedy) {
    return new TargetException(new Explanation("trace process " + pid, obstacle, remedy));
  }
}
