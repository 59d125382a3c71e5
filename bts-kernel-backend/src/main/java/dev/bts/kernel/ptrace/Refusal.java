package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;

/** What becomes of a task that has stopped when what is to be done with it fails. */
final class Refusal {
  private final Waiter waiter;
  private final TaskTree tree;
  private final InjectedCalls calls;

  Refusal(Waiter waiter, TaskTree tree, InjectedCalls calls) {
    this.waiter = waiter;
    this.tree = tree;
    this.calls = calls;
  }

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
  void of(Task task, boolean atEntry) {
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

  /**
   * Notes that a task was killed while it was handled. If another one was, without which this one
   * cannot be handled, this one stands, and nobody would let it go on.
   *
   * @throws dev.bts.api.TargetException if it stands
   */
  void of(Task task, TaskVanished killed, boolean atEntry) {
    if (killed.tid() != task.tid() && waiter.stands(task.tid())) {
      of(task, atEntry);
      throw TraceTarget.vanished(killed.tid());
    }
    task.setState(Task.State.DYING);
  }
}
