package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.kernel.sys.Capabilities;
import dev.bts.kernel.sys.ProcFile;
import org.jspecify.annotations.Nullable;

/**
 * What a process that is yet to be started gets from the one that starts it.
 *
 * @param parent the process that it gets its limits from
 * @param ipcLock whether it will have CAP_IPC_LOCK in effect
 * @param forked whether it will be a copy of its parent, and so as large; else it will execute a
 *     program, and nobody knows how large that will be
 * @param limitsUnknown why its limits are not known, null if they are its parent's
 */
public record Inheritance(
    int parent, boolean ipcLock, boolean forked, @Nullable Explanation limitsUnknown) {
  /** Returns what a process forked by another one gets. */
  public static Inheritance byFork(int parent) {
    return new Inheritance(parent, IpcLock.isEffective(parent), true, null);
  }

  /** Returns what a program executed by a process gets: of capabilities, root all others. */
  public static Inheritance byExec(int parent, boolean root) {
    boolean ambient =
        (ProcFile.statusSet(parent, "CapAmb") & Capabilities.bit(Capabilities.CAP_IPC_LOCK)) != 0;
    return new Inheritance(parent, root ? IpcLock.isEffective(parent) : ambient, false, null);
  }

  /** Returns what a program gets that root starts as an ordinary user. */
  public static Inheritance asAnotherUser(int parent) {
    return new Inheritance(parent, false, false, null);
  }

  /** Returns what a program gets that is started in a way that is not known. */
  public static Inheritance unknown(int parent, Explanation why) {
    return new Inheritance(parent, false, false, why);
  }
}
