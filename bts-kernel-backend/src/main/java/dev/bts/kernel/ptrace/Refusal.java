package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;

/** What becomes of a task that has stopped when what is to be done with it fails. */
final class Refusal {
  private Refusal() {}

  /** Returns whether a status says that a task is at the entry of a system call of its own. */
  static boolean isAtEntry(Task task, int status) {
    return Ptrace.stopped(status)
        && Ptrace.stopSignal(status) == (Signals.SIGTRAP | Ptrace.SYSGOOD)
        && !task.inCall;
  }

  /**
   * Notes that a task stands, wherever it was thought to be: nobody may wait for it to stop, and it
   * is to be let go from there.
   *
   * @param atEntry whether it is at the entry of a system call: then it is taken back before it
   */
  static void of(Task task, TaskTree tree, InjectedCalls calls, boolean atEntry) {
    if (tree.find(task.tid()) != task || task.state() == Task.State.DYING) {
      return;
    }
    task.setState(Task.State.STANDING);
    if (atEntry) {
      try {
        task.inCall = false;
        calls.unmake(task);
      } catch (TaskVanished killed) {
        task.setState(Task.State.DYING);
      }
    }
  }
}
