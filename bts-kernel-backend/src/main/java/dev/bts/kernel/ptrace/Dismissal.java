package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.util.Collections;
import java.util.List;

/** How processes are let go: native, and with nothing of ours left in them. */
final class Dismissal {
  private final TraceLoop loop;
  private final TaskTree tree;
  private final Engine engine;
  private final InjectedCalls calls;
  private final Observer observer;

  Dismissal(TraceLoop loop, TaskTree tree, Engine engine, InjectedCalls calls, Observer observer) {
    this.loop = loop;
    this.tree = tree;
    this.engine = engine;
    this.calls = calls;
    this.observer = observer;
  }

  /** Lets all processes go, newest first: a child may end a vfork that its parent waits in. */
  void detachAll() {
    List<Tracee> newestFirst = tree.tracees();
    Collections.reverse(newestFirst);
    newestFirst.forEach(this::letGo);
  }

  /** Kills all processes and waits for their end. */
  void killAll() {
    for (Tracee tracee : tree.tracees()) {
      Sys.call(Sys.KILL, tracee.pid(), Signals.SIGKILL);
    }
    while (!tree.tasks().isEmpty()) {
      loop.handleNext(true);
    }
  }

  /** Lets one process go. */
  void letGo(Tracee tracee) {
    for (Task task : List.copyOf(tracee.tasks())) {
      bringToStop(task);
    }
    for (Task task : tracee.tasks()) {
      if (task.stopped()) {
        cleanUp(task);
        break;
      }
    }
    for (Task task : List.copyOf(tracee.tasks())) {
      release(task);
    }
    tree.remove(tracee);
  }

  /** Takes everything of ours out of a process, by one of its tasks. */
  private void cleanUp(Task task) {
    Tracee tracee = task.tracee();
    try {
      observer.leaving(tracee);
      engine.withdraw(task);
      if (tracee.memory().lastUser()) {
        calls.remove(task);
      }
    } catch (TaskVanished killed) {
      task.setState(Task.State.DYING);
    }
  }

  private void release(Task task) {
    try {
      if (task.stopped()) {
        engine.release(task);
        Stops.demand(task.tid(), Ptrace.call(Ptrace.DETACH, task.tid(), 0, task.pendingSignal));
      }
    } catch (TaskVanished killed) {
      task.setState(Task.State.DYING);
    }
    tree.remove(task);
  }

  /** Waits until a task stands where it takes ptrace calls, or is about to die. */
  void bringToStop(Task task) {
    if (task.state() == Task.State.GROUP_STOPPED) {
      task.setState(Task.State.RUNNING);
    }
    if (task.state() == Task.State.RUNNING || task.state() == Task.State.IN_SYSTEM_CALL) {
      task.interrupt();
    }
    while (tree.find(task.tid()) == task && !task.stopped() && task.state() != Task.State.DYING) {
      loop.handleNext(true);
    }
  }
}
