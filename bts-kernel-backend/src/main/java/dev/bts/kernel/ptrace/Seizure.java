package dev.bts.kernel.ptrace;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import java.util.Optional;

/** How processes come under control: as a command that is started, or while they run. */
final class Seizure {
  private final TraceLoop loop;
  private final TaskTree tree;
  private final Waiter waiter;
  private final int options;

  /** The errno of the last refusal to seize a thread. */
  private int refusal;

  Seizure(TraceLoop loop, TaskTree tree, Waiter waiter, boolean killOnExit) {
    this.loop = loop;
    this.tree = tree;
    this.waiter = waiter;
    options =
        Ptrace.O_TRACESYSGOOD
            | Ptrace.O_TRACEFORK
            | Ptrace.O_TRACEVFORK
            | Ptrace.O_TRACECLONE
            | Ptrace.O_TRACEEXEC
            | Ptrace.O_TRACEEXIT
            | (killOnExit ? Ptrace.O_EXITKILL : 0);
  }

  /** Seizes a child that is about to exec; empty if it ended instead. */
  Optional<Tracee> launch(int pid, Runnable start) {
    Errno.check(Ptrace.call(Ptrace.SEIZE, pid, 0, options), "trace the new process " + pid);
    start.run();
    try {
      return takeOver(pid);
    } catch (TaskVanished killed) {
      return Optional.empty();
    }
  }

  private Optional<Tracee> takeOver(int pid) {
    while (true) {
      int status = waiter.waitFor(pid);
      if (!Ptrace.stopped(status)) {
        return Optional.empty();
      }
      int event = Ptrace.event(status);
      if (event == Ptrace.EVENT_EXEC) {
        Tracee tracee = tree.addFirst(pid);
        Task task = tree.add(tracee, pid, 0);
        return becomeReady(task) ? Optional.of(tracee) : Optional.empty();
      }
      Stops.resume(Ptrace.CONT, pid, event == 0 ? Ptrace.stopSignal(status) : 0);
    }
  }

  /** Returns false if it is killed meanwhile; its end is still to be reported then. */
  private boolean becomeReady(Task task) {
    try {
      leaveExec(task);
      loop.firstStop(task);
      return true;
    } catch (TaskVanished killed) {
      task.setState(Task.State.DYING);
      return false;
    }
  }

  /** Runs a task from its exec event to the end of the execve call, where nothing is half done. */
  void leaveExec(Task task) {
    Stops.resume(Ptrace.SYSCALL, task.tid(), 0);
    int status = waiter.waitFor(task.tid());
    if (!Ptrace.stopped(status)
        || Ptrace.stopSignal(status) != (Signals.SIGTRAP | Ptrace.SYSGOOD)) {
      waiter.putBack(task.tid(), status);
      throw new TaskVanished(task.tid());
    }
    task.setState(Task.State.STANDING);
    task.registers.fetch(task.tid());
  }

  /** Seizes all threads of a running process. */
  Tracee attach(int pid) {
    TraceTarget.check(pid);
    Tracee tracee = tree.addFirst(pid);
    while (seizeNewThreads(tracee)) {
      // A thread that was not yet seized may have made another one.
    }
    if (tracee.tasks().isEmpty()) {
      tree.remove(tracee);
      throw TraceTarget.refused(pid, refusal);
    }
    while (tracee.tasks().stream().anyMatch(task -> task.state() == Task.State.NEW)) {
      loop.handleNext(true);
    }
    while (tracee.tasks().stream().allMatch(task -> task.state() == Task.State.DYING)) {
      if (tracee.tasks().isEmpty()) {
        throw TraceTarget.vanished(pid);
      }
      // It was killed before it was ready: nobody has heard of it.
      loop.handleNext(true);
    }
    return tracee;
  }

  /** Returns whether there were any. */
  private boolean seizeNewThreads(Tracee tracee) {
    boolean found = false;
    for (int tid : TraceTarget.threads(tracee.pid())) {
      if (tree.find(tid) != null) {
        continue;
      }
      long result = Ptrace.call(Ptrace.SEIZE, tid, 0, options);
      if (result == 0) {
        found = true;
        interrupt(tree.add(tracee, tid, tracee.pid()));
      } else {
        // It has ended; or all of them are refused.
        refusal = (int) -result;
      }
    }
    return found;
  }

  private void interrupt(Task task) {
    try {
      task.interrupt();
    } catch (KernelException refused) {
      // Nobody may wait for its stop. It is let go when the tracer's thread ends.
      tree.remove(task);
      throw refused;
    }
  }
}
