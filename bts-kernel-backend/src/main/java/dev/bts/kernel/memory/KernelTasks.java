package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.kernel.sys.ProcFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Identifies processes for accounting, from what /proc says of them. */
public final class KernelTasks {
  /** Execs that a process may make before its generations run into those of a later start. */
  private static final int EXEC_BITS = 20;

  /** The place of starttime in /proc/PID/stat, counted after the parenthesised name. */
  private static final int START_TIME_FIELD = 20;

  private KernelTasks() {}

  /** Returns this process. */
  public static TaskIdentity self() {
    return identify((int) ProcessHandle.current().pid());
  }

  /** Returns a process that was not seen to execute another program. */
  public static TaskIdentity identify(int pid) {
    return identify(pid, 0);
  }

  /**
   * Returns a process.
   *
   * @param execs how many execs of it were seen: each gives it a new address space
   * @throws TargetException if it is gone, or hides its user namespace
   */
  public static TaskIdentity identify(int pid, int execs) {
    List<String> stat = ProcFile.lines("/proc/" + pid + "/stat");
    String uids = ProcFile.statusField(pid, "Uid").orElse("");
    if (stat.isEmpty() || uids.isEmpty()) {
      throw unknown(pid, "there is no such process", "see ps(1)");
    }
    long startTime = startTime(stat);
    int realUid = Integer.parseUnsignedInt(uids.split("\\s", 2)[0]);
    return new TaskIdentity(
        new AccountOwner.AddressSpace(pid, (startTime << EXEC_BITS) + execs),
        new Principal(userNamespace(pid), realUid),
        memoryGroup(pid));
  }

  /** Returns when a process started, in clock ticks since the machine did; 0 if it is gone. */
  static long startTime(int pid) {
    return startTime(ProcFile.lines("/proc/" + pid + "/stat"));
  }

  private static long startTime(List<String> stat) {
    // The name in parentheses may hold anything, further parentheses and line ends included.
    String line = String.join("\n", stat);
    String[] fields = line.substring(line.lastIndexOf(')') + 1).split(" ", -1);
    return fields.length > START_TIME_FIELD ? Long.parseLong(fields[START_TIME_FIELD]) : 0;
  }

  private static long userNamespace(int pid) {
    String link;
    try {
      link = Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/user")).toString();
    } catch (IOException e) {
      throw unknown(
          pid,
          "its user namespace cannot be read: " + e,
          "trace a process that this user may trace (CAP_SYS_PTRACE for those of others)");
    }
    return Long.parseLong(link.replaceAll("[^0-9]", ""));
  }

  private static AccountOwner.Group memoryGroup(int pid) {
    return MemoryController.find()
        .map(controller -> controller.group(ProcFile.lines("/proc/" + pid + "/cgroup")))
        .orElse(new AccountOwner.Group("/"));
  }

  private static TargetException unknown(int pid, String obstacle, String remedy) {
    return new TargetException(new Explanation("identify process " + pid, obstacle, remedy));
  }
}
