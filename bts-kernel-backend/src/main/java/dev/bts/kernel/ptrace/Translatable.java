package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.UserRegs;
import org.jspecify.annotations.Nullable;

/** What may run translated: which processes, and at which moments. */
public final class Translatable {
  private static final long TRAP_FLAG = 0x100;

  private Translatable() {}

  /** Returns why the process of a thread must not be translated at all, null if it may. */
  public static @Nullable String obstacle(int tid) {
    String features = ProcFile.statusField(tid, "x86_Thread_features").orElse("");
    if (features.contains("shstk")) {
      return "it has a shadow stack, which knows other return addresses";
    }
    if (!ProcFile.statusField(tid, "Seccomp").orElse("0").equals("0")) {
      return "it is confined by seccomp, which may not allow the calls that map its cache";
    }
    return null;
  }

  /** Whether nothing about a task asks for its next instruction to be executed where it is. */
  static boolean now(Task task) {
    Tracee tracee = task.tracee();
    return !task.stepNext
        && task.pendingSignal == 0
        && tracee.memory().lastUser()
        && !tracee.memory().untranslatable()
        && tracee.trap().installed()
        && task.trapRelayed == null
        && !InjectedCalls.restarts(task.registers)
        && (task.registers.get(UserRegs.EFLAGS) & TRAP_FLAG) == 0
        && task.registers.get(UserRegs.GS) == 0;
  }
}
