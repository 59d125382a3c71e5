package dev.bts.kernel.ptrace;

import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tree of traced processes, and the loop that waits for their stops.
 *
 * <p>Lives on one platform thread: the one that made it is the tracer in the eyes of the kernel.
 */
public final class TraceLoop implements AutoCloseable {
  private final Observer observer;
  private final boolean followChildren;
  private final int options;
  private final Stops stops = new Stops();
  private final Waiter waiter = new Waiter();
  private final InjectedCalls calls = new InjectedCalls(stops, waiter);
  private final Map<Integer, Task> tasks = new HashMap<>();
  private final Map<Integer, Tracee> tracees = new LinkedHashMap<>();

  /** First stops of tasks whose parent's report is still to come. */
  private final Map<Integer, Integer> early = new HashMap<>();

  private final Engine engine;
  private boolean running;

  /** Makes the calling thread a tracer. */
  public TraceLoop(
      Mechanism mechanism, Observer observer, boolean followChildren, boolean killOnExit) {
    this.observer = observer;
    this.followChildren = followChildren;
    options =
        Ptrace.O_TRACESYSGOOD
            | Ptrace.O_TRACEFORK
            | Ptrace.O_TRACEVFORK
            | Ptrace.O_TRACECLONE
            | Ptrace.O_TRACEEXEC
            | Ptrace.O_TRACEEXIT
            | (killOnExit ? Ptrace.O_EXITKILL : 0);
    engine =
        mechanism == Mechanism.NONE
            ? new Follower(observer)
            : new Stepper(stops, calls, observer, tasks);
  }

  /** Returns the living processes, oldest first. */
  public List<Tracee> tracees() {
    return new ArrayList<>(tracees.values());
  }

  /** Returns how many threads are under control. */
  public int taskCount() {
    return tasks.size();
  }

  /** Lets tasks run on when they stop, or keeps them standing. */
  public void setRunning(boolean run) {
    running = run;
    for (Task task : List.copyOf(tasks.values())) {
      if (run && task.state() == Task.State.STANDING) {
        resume(task);
      } else if (!run && !task.halted()) {
        engine.halt(task);
      }
    }
  }

  /** Says of all tasks that stand that they left their CPUs. */
  public void departAll() {
    for (Task task : tasks.values()) {
      if (task.onCpu) {
        task.onCpu = false;
        observer.departed(task);
      }
    }
  }

  /** Returns whether no task can execute a user instruction until it is resumed. */
  public boolean halted() {
    for (Task task : tasks.values()) {
      if (!task.halted()) {
        return false;
      }
    }
    return true;
  }

  /** Returns the calls that a standing task of a process executes for the tracer. */
  public TraceeCalls callsOf(Tracee tracee) {
    return new TraceeCalls(tracee, calls, stops, this::bringToStop);
  }

  /**
   * Seizes a child that is about to exec, and takes it over once it has.
   *
   * @param start makes the seized child exec
   * @return the new process, standing before its first instruction; empty if it ended instead
   */
  public java.util.Optional<Tracee> launch(int pid, Runnable start) {
    Errno.check(Ptrace.call(Ptrace.SEIZE, pid, 0, options), "trace the new process " + pid);
    start.run();
    while (true) {
      int status = waiter.waitFor(pid);
      if (!Ptrace.stopped(status)) {
        return java.util.Optional.empty();
      }
      if (Ptrace.event(status) == Ptrace.EVENT_EXEC) {
        Tracee tracee = first(pid);
        Task task = add(tracee, pid, 0);
        leaveExec(task);
        task.setState(Task.State.STANDING);
        firstStop(task);
        return java.util.Optional.of(tracee);
      }
      int event = Ptrace.event(status);
      Stops.resume(Ptrace.CONT, pid, event == 0 ? Ptrace.stopSignal(status) : 0);
    }
  }

  /** Runs a task from its exec event to the end of the execve call, where nothing is half done. */
  private void leaveExec(Task task) {
    Stops.resume(Ptrace.SYSCALL, task.tid(), 0);
    int status = waiter.waitFor(task.tid());
    if (!Ptrace.stopped(status)
        || Ptrace.stopSignal(status) != (Signals.SIGTRAP | Ptrace.SYSGOOD)) {
      waiter.putBack(task.tid(), status);
      throw new TaskVanished(task.tid());
    }
  }

  /**
   * Seizes all threads of a running process.
   *
   * @return the process, all of its threads standing
   * @throws dev.bts.api.TargetException if it cannot be traced
   */
  public Tracee attach(int pid) {
    TraceTarget.check(pid);
    Tracee tracee = first(pid);
    while (seizeNewThreads(tracee)) {
      // A thread that was not yet seized may have made another one.
    }
    while (tracee.tasks().stream().anyMatch(task -> task.state() == Task.State.NEW)) {
      handleNext(true);
    }
    if (tracee.tasks().isEmpty()) {
      throw TraceTarget.vanished(pid);
    }
    return tracee;
  }

  private static Tracee first(int pid) {
    return new Tracee(pid, null, false, new AddressSpace(pid), new TrapDisposition());
  }

  private boolean seizeNewThreads(Tracee tracee) {
    boolean found = false;
    for (int tid : TraceTarget.threads(tracee.pid())) {
      if (tasks.containsKey(tid)) {
        continue;
      }
      long result = Ptrace.call(Ptrace.SEIZE, tid, 0, options);
      if (result < 0) {
        if (tracee.tasks().isEmpty()) {
          throw TraceTarget.refused(tracee.pid(), (int) -result);
        }
        continue;
      }
      found = true;
      interrupt(add(tracee, tid, tracee.pid()));
    }
    return found;
  }

  private static void interrupt(Task task) {
    task.interrupted = true;
    Ptrace.call(Ptrace.INTERRUPT, task.tid(), 0, 0);
  }

  private Task add(Tracee tracee, int tid, int parentTid) {
    Task task = new Task(tracee, tid, parentTid);
    tasks.put(tid, task);
    tracee.tasks().add(task);
    tracees.putIfAbsent(tracee.pid(), tracee);
    return task;
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
    for (Task task : List.copyOf(tasks.values())) {
      gone(task, new ExitStatus(0, Signals.SIGKILL));
    }
  }

  private void dispatch(int tid, int status) {
    Task task = tasks.get(tid);
    if (task == null) {
      early.put(tid, status);
      return;
    }
    try {
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
      Task now = tasks.get(tid);
      if (running && now != null && now.state() == Task.State.STANDING) {
        engine.resume(now);
      }
    } catch (TaskVanished killed) {
      task.setState(Task.State.DYING);
    }
  }

  private void resume(Task task) {
    try {
      engine.resume(task);
    } catch (TaskVanished killed) {
      task.setState(Task.State.DYING);
    }
  }

  private void handleStop(Task task, int signal, int event) {
    switch (event) {
      case 0 -> {
        if (task.state() == Task.State.NEW) {
          Stops.resume(Ptrace.CONT, task.tid(), signal);
        } else if (signal == (Signals.SIGTRAP | Ptrace.SYSGOOD)) {
          engine.systemCallStopped(task);
        } else if (signal != Signals.SIGTRAP || !engine.trapped(task)) {
          task.pendingSignal = signal;
          task.setState(Task.State.STANDING);
        }
      }
      case Ptrace.EVENT_FORK, Ptrace.EVENT_VFORK, Ptrace.EVENT_CLONE -> {
        childMade(task);
        Stops.resume(engine.inCallRequest(), task.tid(), 0);
      }
      case Ptrace.EVENT_EXEC -> executed(task);
      case Ptrace.EVENT_EXIT -> {
        exiting(task);
        Stops.resume(Ptrace.CONT, task.tid(), 0);
      }
      case Ptrace.EVENT_STOP -> eventStop(task, signal);
      default -> Stops.resume(engine.inCallRequest(), task.tid(), 0);
    }
  }

  private void eventStop(Task task, int signal) {
    boolean isNew = task.state() == Task.State.NEW;
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

  private void firstStop(Task task) {
    Tracee tracee = task.tracee();
    if (!tracee.announce()) {
      engine.prepare(task);
      observer.threadStarted(task, task.parentTid);
    } else if (!followChildren && tracee.parentPid() != 0) {
      letGo(tracee);
    } else {
      task.registers.fetch(task.tid());
      TraceTarget.checkMode(task);
      engine.prepare(task);
      observer.processStarted(task);
      announceCode(task);
    }
  }

  private void childMade(Task parent) {
    int tid = (int) stops.eventMessage(parent.tid());
    Cloning cloning = Cloning.of(parent, tid);
    if (cloning.thread()) {
      add(parent.tracee(), tid, parent.tid());
    } else {
      AddressSpace memory =
          cloning.sharesMemory()
              ? parent.tracee().memory().share()
              : parent.tracee().memory().fork(tid);
      TrapDisposition trap = parent.tracee().trap().fork();
      add(
          new Tracee(tid, parent.tracee(), cloning.sharesMemory(), memory, trap),
          tid,
          parent.tid());
    }
    Integer status = early.remove(tid);
    if (status != null) {
      dispatch(tid, status);
    }
  }

  private void executed(Task stopped) {
    Tracee tracee = stopped.tracee();
    int former = (int) stops.eventMessage(stopped.tid());
    Task task = tasks.getOrDefault(former, stopped);
    for (Task other : List.copyOf(tracee.tasks())) {
      if (other != task) {
        remove(other);
        observer.threadExited(other);
      }
    }
    tasks.remove(task.tid());
    task.becomeLeader();
    tasks.put(task.tid(), task);
    loseMemory(tracee);
    releaseMemory(tracee);
    tracee.exec(new AddressSpace(tracee.pid()));
    leaveExec(task);
    task.setState(Task.State.STANDING);
    task.inCall = false;
    task.signalled = false;
    task.registers.fetch(task.tid());
    if (TraceTarget.is32Bit(task)) {
      observer.untraceable(tracee, "it executes a 32-bit program");
      letGo(tracee);
      return;
    }
    engine.prepare(task);
    observer.executed(task);
    announceCode(task);
  }

  private static void releaseMemory(Tracee tracee) {
    if (tracee.memory().release()) {
      tracee.memory().close();
    }
  }

  private void exiting(Task task) {
    task.setState(Task.State.DYING);
    if (task.tracee().tasks().stream().allMatch(t -> t.state() == Task.State.DYING)) {
      loseMemory(task.tracee());
    }
  }

  private void gone(Task task, ExitStatus status) {
    Tracee tracee = task.tracee();
    remove(task);
    if (task.tid() != tracee.pid()) {
      observer.threadExited(task);
      return;
    }
    for (Task other : List.copyOf(tracee.tasks())) {
      remove(other);
      observer.threadExited(other);
    }
    loseMemory(tracee);
    tracees.remove(tracee.pid());
    releaseMemory(tracee);
    observer.processExited(tracee, status);
  }

  private void loseMemory(Tracee tracee) {
    if (tracee.loseMemory()) {
      observer.addressSpaceGone(tracee);
    }
  }

  private void remove(Task task) {
    tasks.remove(task.tid(), task);
    task.tracee().tasks().remove(task);
    task.setState(Task.State.GONE);
    task.close();
  }

  /** Lets all processes go, newest first, native and with nothing of ours left in them. */
  public void detachAll() {
    running = false;
    List<Tracee> newestFirst = tracees();
    java.util.Collections.reverse(newestFirst);
    for (Tracee tracee : newestFirst) {
      // A child that is let go may end a vfork that its parent waits in.
      letGo(tracee);
    }
  }

  /** Kills all processes and waits for their end. */
  public void killAll() {
    for (Tracee tracee : tracees.values()) {
      Sys.call(Sys.KILL, tracee.pid(), Signals.SIGKILL);
    }
    while (!tasks.isEmpty()) {
      handleNext(true);
    }
  }

  /** Lets one process go, native and with nothing of ours left in it. */
  public void letGo(Tracee tracee) {
    for (Task task : List.copyOf(tracee.tasks())) {
      bringToStop(task);
    }
    Task hand = null;
    for (Task task : tracee.tasks()) {
      if (task.stopped()) {
        hand = task;
      }
    }
    if (hand != null) {
      try {
        observer.leaving(tracee);
        engine.withdraw(hand);
        if (tracee.memory().cave() != 0 && tracee.memory().lastUser()) {
          calls.remove(hand);
        }
      } catch (TaskVanished killed) {
        hand.setState(Task.State.DYING);
      }
    }
    for (Task task : List.copyOf(tracee.tasks())) {
      release(task);
    }
    tracees.remove(tracee.pid());
    releaseMemory(tracee);
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
    remove(task);
  }

  /** Waits until a task stands, is stopped with its group, or is about to die. */
  private void bringToStop(Task task) {
    if (task.state() == Task.State.GROUP_STOPPED) {
      task.setState(Task.State.RUNNING);
      interrupt(task);
    } else if (!task.stopped() && task.state() != Task.State.DYING) {
      interrupt(task);
    }
    while (tasks.get(task.tid()) == task && !task.stopped() && task.state() != Task.State.DYING) {
      if (!handleNext(true) && tasks.isEmpty()) {
        return;
      }
    }
  }

  @Override
  public void close() {
    engine.close();
    calls.close();
    waiter.close();
    stops.close();
  }
}
