package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    Failures failures = new Failures();
    for (Tracee tracee : newestFirst) {
      failures.catching(() -> letGo(tracee));
    }
    failures.rethrow();
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

  /**
   * Lets one process go. What fails of it keeps nothing else from being done: a task that is not
   * let go stands for ever.
   */
  void letGo(Tracee tracee) {
    Failures failures = new Failures();
    for (Task task : List.copyOf(tracee.tasks())) {
      failures.catching(() -> bringToStop(task));
    }
    Task last = lastToLeave(tracee);
    if (last != null) {
      failures.catching(() -> attempt(last, () -> observer.leaving(tracee)));
    } else {
      // All are dying: nobody carries out a call any more, and what they pay for goes with them.
      failures.catching(() -> tree.loseMemory(tracee));
    }
    // The process keeps the rescue until no other thread needs it any more: the tracer may die at
    // any moment.
    for (Task task : List.copyOf(tracee.tasks())) {
      if (task != last) {
        failures.catching(() -> attempt(task, () -> engine.release(task)));
        if (task.pendingSignal != 0) {
          failures.catching(() -> detach(task));
        }
      }
    }
    if (last != null) {
      failures.catching(() -> attempt(last, () -> cleanUp(last)));
    }
    for (Task task : List.copyOf(tracee.tasks())) {
      failures.catching(() -> detach(task));
    }
    tree.remove(tracee);
    failures.rethrow();
  }

  /**
   * Returns a standing task that carries out the last calls, with no signal to lose if possible.
   */
  private static @Nullable Task lastToLeave(Tracee tracee) {
    return tracee.tasks().stream()
        .filter(Task::stopped)
        .min(Comparator.comparing(task -> task.pendingSignal != 0))
        .orElse(null);
  }

  /** Takes everything of ours out of a process, by one of its tasks. */
  private void cleanUp(Task task) {
    try {
      engine.withdraw(task);
      if (task.tracee().memory().lastUser()) {
        calls.remove(task);
      }
    } finally {
      engine.release(task);
    }
  }

  private static void attempt(Task task, Runnable action) {
    if (task.stopped()) {
      try {
        action.run();
      } catch (TaskVanished killed) {
        task.setState(Task.State.DYING);
      }
    }
  }

  private void detach(Task task) {
    try {
      if (task.state() == Task.State.DYING) {
        // It may stand in its exit: then it would for as long as this thread lives.
        Ptrace.call(Ptrace.DETACH, task.tid(), 0, 0);
      }
      attempt(task, () -> Stops.resume(Ptrace.DETACH, task.tid(), task.pendingSignal));
    } finally {
      tree.remove(task);
    }
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
