package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.UserRegs;
import java.nio.ByteBuffer;

/**
 * What a new task shares with the one that made it ({@code linux/sched.h}).
 *
 * @param thread it is a thread of the same process
 * @param sharesMemory it uses the same address space
 */
record Cloning(boolean thread, boolean sharesMemory) {
  private static final long CLONE_VM = 0x100;

  /** Looks at a parent that has stopped within the call that made the child. */
  static Cloning of(Task parent, int childTid) {
    int group = ProcFile.statusField(childTid, "Tgid").map(Integer::parseInt).orElse(childTid);
    if (group == parent.tracee().pid()) {
      return new Cloning(true, true);
    }
    parent.registers.fetch(parent.tid());
    return new Cloning(false, sharesMemory(parent));
  }

  private static boolean sharesMemory(Task parent) {
    return switch ((int) parent.registers.get(UserRegs.ORIG_RAX)) {
      case Sys.VFORK -> true;
      case Sys.CLONE -> (parent.argument(0) & CLONE_VM) != 0;
      case Sys.CLONE3 -> {
        ByteBuffer arguments =
            parent.tracee().memory().read(parent.tid(), parent.argument(0), Long.BYTES);
        yield arguments.remaining() == Long.BYTES && (arguments.getLong(0) & CLONE_VM) != 0;
      }
      default -> false;
    };
  }
}
