package dev.bts.kernel.ptrace;

import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tree of traced processes, and the loop that waits for their stops.
 *
 * <p>Lives on one platform thread: the one that made it is the tracer in the eyes of the kernel.
 */
public final class TraceLoop implements AutoCloseable {
  private final Observer observer;
  private final boolean followChildren;
  private final Stops stops = new Stops();
  private final Waiter waiter = new Waiter();
  private final InjectedCalls calls = new InjectedCalls(stops, waiter);
  private final TaskTree tree;
  private final Refusal refusal;

  /** First stops of tasks whose parent's report is still to come. */
  private final Map<Integer, Integer> early = new HashMap<>();

  private final Engine engine;
  private final Seizure seizure;
  private final Dismissal dismissal;
  private final Evacuation evacuation = new Evacuation(stops, waiter);
  private boolean running;

  /**
   * Makes the calling thread a tracer.
   *
   * @param pages gives an engine the memory that it needs
   */
  public TraceLoop(
      Mechanism mechanism,
      Observer observer,
      SharedPages pages,
      boolean followChildren,
      boolean killOnExit) {
    this.observer = observer;
    this.followChildren = followChildren;
    tree = new TaskTree(observer);
    refusal = new Refusal(waiter, tree, calls);
    seizure = new Seizure(this, tree, waiter, killOnExit);
    engine = engine(mechanism, pages);
    dismissal = new Dismissal(this, tree, engine, calls, observer);
  }

  private Engine engine(Mechanism mechanism, SharedPages pages) {
    if (mechanism == Mechanism.NONE) {
      return new Follower(new Rescue(stops, calls), observer);
    }
    SharedCpu cpu = new SharedCpu();
    Stepper stepper = new Stepper(stops, calls, observer, tree, cpu);
    return mechanism == Mechanism.SOFTWARE_BTS
        ? new TranslatingEngine(stops, waiter, tree, stepper, cpu, observer, pages, calls)
        : stepper;
  }

  /** Returns the living processes, oldest first. */
  public List<Tracee> tracees() {
    return tree.tracees();
  }

  /** Returns how many threads are under control. */
  public int taskCount() {
    return tree.tasks().size();
  }

  /** Lets tasks run on when they stop, or keeps them standing. */
  public void setRunning(boolean run) {
    running = run;
    for (Task task : List.copyOf(tree.tasks())) {
      if (run && task.state() == Task.State.STANDING) {
        resume(task);
      } else if (!run && !task.halted()) {
        engine.halt(task);
      }
    }
  }

  /** Says of all tasks that stand that they left their CPUs. */
  public void departAll() {
    for (Task task : tree.tasks()) {
      if (task.onCpu) {
        task.onCpu = false;
        observer.departed(task);
      }
    }
  }

  /** Returns whether no task can execute a user instruction until it is resumed. */
  public boolean halted() {
    for (Task task : tree.tasks()) {
      if (!task.halted()) {
        return false;
      }
    }
    return true;
  }

  /** Returns the calls that tasks in a process's present address space execute for the tracer. */
  public TraceeCalls callsOf(Tracee tracee) {
    return new TraceeCalls(tracee, tree, calls, stops, dismissal::bringToStop);
  }

  /**
   * Seizes a child that is about to exec, and takes it over once it has.
   *
   * @param start makes the seized child exec
   * @return the new process, standing before its first instruction; empty if it ended instead
   */
  public Optional<Tracee> launch(int pid, Runnable start) {
    return seizure.launch(pid, start);
  }

  /**
   * Seizes all threads of a running process.
   *
   * @return the process, all of its threads standing
   * @throws dev.bts.api.TargetException if it cannot be traced
   */
  public Tracee attach(int pid) {
    return seizure.attach(pid);
  }

  /** Lets all processes go, native and with nothing of ours left in them. */
  public void detachAll() {
    running = false;
    dismissal.detachAll();
  }

  /** Lets one process go, native and with nothing of ours left in it. */
  public void letGo(Tracee tracee) {
    dismissal.letGo(tracee);
  }

  /** Kills all processes and waits for their end. */
  public void killAll() {
    dismissal.killAll();
  }

  private void announceCode(Task task) {
    for (MemoryArea area : task.tracee().memory().areas()) {
      if (area.executable()) {
        observer.mapped(task, area);
      }
    }
  }

  /**
   * Waits for one stop and handles it.
   *
   * @param block whether to wait if nothing has stopped yet
   * @return false if nothing was handled: the wait was cut short, or nothing had stopped
   */
  public boolean handleNext(boolean block) {
    int tid = waiter.next(block);
    if (tid <= 0) {
      if (tid == -Errno.ECHILD) {
        forgetAll();
      } else if (tid != 0 && tid != -Errno.EINTR) {
        Errno.check(tid, "wait for the tracees");
      }
      return false;
    }
    dispatch(tid, waiter.status());
    return true;
  }

  /** The kernel says that there is no tracee: what we thought of is gone. */
  private void forgetAll() {
    for (Task task : List.copyOf(tree.tasks())) {
      gone(task, new ExitStatus(0, Signals.SIGKILL));
    }
  }

  private void dispatch(int tid, int status) {
    Task task = tree.find(tid);
    if (task == null) {
      early.put(tid, status);
      return;
    }
    boolean atEntry = Refusal.isAtEntry(task, status);
    try {
      task.waitsInVfork = false;
      if (!Ptrace.stopped(status)) {
        gone(
            task,
            Ptrace.exited(status)
                ? new ExitStatus(Ptrace.exitCode(status), 0)
                : new ExitStatus(0, Ptrace.killSignal(status)));
        return;
      }
      handleStop(task, Ptrace.stopSignal(status), Ptrace.event(status));
      // After an exec by another thread than the first, it is another task that has this id.
      Task now = tree.find(tid);
      if (running && now != null && now.state() == Task.State.STANDING) {
        engine.resume(now);
      }
    } catch (TaskVanished killed) {
      refusal.of(task, killed, atEntry);
    } catch (RuntimeException | Error failed) {
      refusal.of(task, atEntry);
      throw failed;
    }
  }

  private void resume(Task task) {
    try {
      engine.resume(task);
    } catch (TaskVanished killed) {
      refusal.of(task, killed, false);
    } catch (RuntimeException | Error failed) {
      refusal.of(task, false);
      throw failed;
    }
  }

  private void handleStop(Task task, int signal, int event) {
    switch (event) {
      case 0 -> {
        if (task.state() == Task.State.NEW) {
          task.askForFirstStopAgain();
          Stops.resume(Ptrace.CONT, task.tid(), signal);
        } else if (signal == (Signals.SIGTRAP | Ptrace.SYSGOOD)) {
          engine.systemCallStopped(task);
        } else {
          boolean ours = engine.signalled(task, signal);
          task.stopDue = false;
          if (!ours) {
            task.pendingSignal = signal;
            task.setState(Task.State.STANDING);
          }
        }
      }
      case Ptrace.EVENT_FORK, Ptrace.EVENT_VFORK, Ptrace.EVENT_CLONE -> {
        childMade(task);
        task.askForFirstStopAgain();
        task.waitsInVfork = event == Ptrace.EVENT_VFORK;
        Stops.resume(engine.inCallRequest(), task.tid(), 0);
      }
      case Ptrace.EVENT_EXEC -> executed(task);
      case Ptrace.EVENT_EXIT -> {
        exiting(task);
        Stops.resume(Ptrace.CONT, task.tid(), 0);
      }
      case Ptrace.EVENT_STOP -> eventStop(task, signal);
      default -> {
        task.askForFirstStopAgain();
        Stops.resume(engine.inCallRequest(), task.tid(), 0);
      }
    }
  }

  private void eventStop(Task task, int signal) {
    boolean isNew = task.state() == Task.State.NEW;
    if (!isNew && signal == Signals.SIGTRAP && trapIsDue(task)) {
      // The kernel reports this stop before the step that was made: that comes now, and is what
      // was waited for. Left pending it would be the program's, and its death.
      task.interrupted = false;
      task.stopDue = true;
      Stops.resume(Ptrace.CONT, task.tid(), 0);
      return;
    }
    engine.settle(task);
    boolean asked = task.interrupted;
    task.interrupted = false;
    task.inCall = false;
    if (signal != Signals.SIGTRAP && !asked) {
      task.setState(Task.State.GROUP_STOPPED);
      Stops.resume(Ptrace.LISTEN, task.tid(), 0);
      return;
    }
    task.setState(Task.State.STANDING);
    task.registers.fetch(task.tid());
    if (asked) {
      InjectedCalls.undoInterruption(task);
    }
    if (isNew) {
      firstStop(task);
    } else {
      engine.stopped(task);
    }
    if (signal != Signals.SIGTRAP) {
      // The group is stopped: once resumed, the task must stop again and wait for SIGCONT.
      Ptrace.call(Ptrace.INTERRUPT, task.tid(), 0, 0);
    }
  }

  /** Returns whether the next thing that a task does, without any instruction, is a SIGTRAP. */
  static boolean trapIsDue(Task task) {
    long due = ProcFile.statusSet(task.tid(), "SigPnd") & ~ProcFile.statusSet(task.tid(), "SigBlk");
    return (due & Signals.bit(Signals.SIGTRAP)) != 0;
  }

  /** Makes a new task ready; it stands, and its registers were fetched. */
  void firstStop(Task task) {
    evacuation.leave(task);
    Tracee tracee = task.tracee();
    if (!tracee.announce()) {
      engine.prepare(task);
      observer.threadStarted(task, task.parentTid);
    } else if (!followChildren && tracee.parentPid() != 0) {
      letGo(tracee);
    } else {
      TraceTarget.checkMode(task);
      engine.prepare(task);
      observer.processStarted(task);
      announceCode(task);
    }
  }

  private void childMade(Task parent) {
    int tid = (int) stops.eventMessage(parent.tid());
    tree.addChild(parent, tid);
    Integer status = early.remove(tid);
    if (status != null) {
      // What fails with the child must not find the parent in its system call.
      waiter.putBack(tid, status);
    }
  }

  private void executed(Task stopped) {
    boolean isNew = stopped.state() == Task.State.NEW;
    Tracee tracee = stopped.tracee();
    int former = (int) stops.eventMessage(stopped.tid());
    Task formerly = tree.find(former);
    Task task = formerly == null ? stopped : formerly;
    tree.execute(task);
    seizure.leaveExec(task);
    task.inCall = false;
    task.signalled = false;
    if (TraceTarget.is32Bit(task)) {
      observer.untraceable(tracee, "it executes a 32-bit program");
      letGo(tracee);
      return;
    }
    if (isNew) {
      // It did so between its seizure and its first stop.
      firstStop(task);
    } else {
      engine.prepare(task);
      observer.executed(task);
      announceCode(task);
    }
  }

  private void exiting(Task task) {
    try {
      engine.settle(task);
    } catch (TaskVanished killed) {
      // Its registers are gone, what it has recorded is not.
      engine.collect(task);
    } finally {
      task.setState(Task.State.DYING);
      if (task.tracee().tasks().stream().allMatch(t -> t.state() == Task.State.DYING)) {
        tree.loseMemoryWhichIsStillThere(task.tracee());
      }
    }
  }

  private void gone(Task task, ExitStatus status) {
    engine.collect(task);
    Tracee tracee = task.tracee();
    tree.remove(task);
    boolean last = tracee.tasks().isEmpty();
    if (task.tid() != tracee.pid()) {
      observer.threadExited(task);
      if (!last) {
        return;
      }
      // The first thread had exited before the process was attached to: nobody will speak of it.
    }
    for (Task other : List.copyOf(tracee.tasks())) {
      tree.remove(other);
      observer.threadExited(other);
    }
    tree.loseMemory(tracee);
    tree.remove(tracee);
    observer.processExited(tracee, status);
  }

  @Override
  public void close() {
    engine.close();
    calls.close();
    waiter.close();
    stops.close();
  }
}
