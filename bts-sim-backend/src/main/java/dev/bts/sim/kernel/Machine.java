package dev.bts.sim.kernel;

import dev.bts.api.ExitStatus;
import dev.bts.api.charging.AccountOwner;
import dev.bts.sim.program.Action;
import dev.bts.sim.program.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The modelled machine: all tasks, users and the clock.
 *
 * <p>It does nothing by itself: whoever holds it makes it move, one {@link #step} of one task at a
 * time. Safe for several threads, by one lock; with several threads that step, who comes first is
 * up to them.
 */
public final class Machine {
  private static final int FIRST_PID = 1000;
  private static final AccountOwner.Group ROOT_GROUP = new AccountOwner.Group("/");

  private final TreeMap<Integer, Task> tasks = new TreeMap<>();
  private final Map<Integer, TaskGroup> groups = new HashMap<>();
  private final Map<AccountOwner.AddressSpace, AddressSpace> addressSpaces = new HashMap<>();
  private final Memory memory;
  private final Cpus cpus = new Cpus();
  private final RunQueue runQueue = new RunQueue();
  private long steps;
  private int lastId = FIRST_PID - 1;
  private long lastGeneration;

  /** Creates a machine without tasks whose kernel has no known fault. */
  public Machine() {
    this(KernelVersion.REPAIRED, Memory.STANDARD_GIFT_PAGES);
  }

  /** Creates a machine without tasks, with a kernel and what perf gives each user. */
  public Machine(KernelVersion kernel, long perfGiftPages) {
    memory = new Memory(this, kernel, perfGiftPages);
  }

  /** Returns the next number for a task. */
  int nextId() {
    return ++lastId;
  }

  /** Returns the simulated time: the number of steps made. */
  public synchronized long now() {
    return steps;
  }

  // ---- looking ----

  /** Returns the live task of this id, null if there is none. */
  public synchronized @Nullable Task task(int tid) {
    return tasks.get(tid);
  }

  /** Returns the process of this id, zombies included, null if there is none. */
  public synchronized @Nullable TaskGroup process(int pid) {
    return groups.get(pid);
  }

  /** Returns the live address space of this identity, null if it is gone. */
  public synchronized @Nullable AddressSpace addressSpace(AccountOwner.AddressSpace identity) {
    return addressSpaces.get(identity);
  }

  /** Returns the accounts of users and groups, and the system calls that charge memory. */
  public Memory memory() {
    return memory;
  }

  /** Returns some task that uses the address space, null if it is gone. */
  public synchronized @Nullable Task userOf(AccountOwner.AddressSpace identity) {
    for (Task task : tasks.values()) {
      if (task.mm().identity().equals(identity)) {
        return task;
      }
    }
    return null;
  }

  // ---- tasks ----

  /** Starts a process that executes nothing: its system calls are made for it from outside. */
  public synchronized Task boot(Credentials credentials, ResourceLimits limits) {
    int pid = nextId();
    TaskGroup group = new TaskGroup(pid, null, limits, ROOT_GROUP);
    return start(pid, group, newAddressSpace(pid, 0), credentials, null);
  }

  /** Starts a program as a child of a task: fork(2) and execve(2) in one. */
  public synchronized Task spawn(Task parent, Program program) {
    int pid = nextId();
    TaskGroup group = new TaskGroup(pid, parent.group());
    return start(
        pid,
        group,
        newAddressSpace(pid, AddressSpace.pagesOf(program)),
        parent.credentials(),
        program);
  }

  /** Sends a signal that ends the process; it takes effect at the next step of one of its tasks. */
  public synchronized void kill(TaskGroup process, int signal) {
    process.pendingSignal(signal);
  }

  /** Waits for a zombie, which disappears. */
  public synchronized void reap(TaskGroup zombie) {
    if (zombie.exitStatus() == null) {
      throw new IllegalStateException("process " + zombie.pid() + " is no zombie");
    }
    zombie.reap();
    groups.remove(zombie.pid());
  }

  /** prlimit(2) on a process. */
  public synchronized void setLimits(TaskGroup process, ResourceLimits limits) {
    process.limits(limits);
  }

  /**
   * Moves a process to a control group, as writing to cgroup.procs does; what it has charged stays
   * where it is.
   */
  public synchronized void move(TaskGroup process, AccountOwner.Group group) {
    process.memoryGroup(group);
  }

  /** Returns whether a live task is in a control group. */
  boolean isPopulated(AccountOwner.Group group) {
    return tasks.values().stream().anyMatch(task -> task.group().memoryGroup().equals(group));
  }

  /**
   * Takes a CPU online or offline, with the tasks that run there and a share of perf's gift.
   *
   * @throws SystemCallException EINVAL if there is no such CPU, EBUSY if it is the last one
   */
  public synchronized void setOnline(int cpu, boolean online) throws SystemCallException {
    if (online) {
      cpus.takeOnline(cpu);
    } else {
      cpus.takeOffline(cpu, tasks.values(), steps);
    }
  }

  int onlineCpus() {
    return cpus.online();
  }

  /** setuid(2) and capset(2) on a task. */
  public synchronized void setCredentials(Task task, Credentials credentials) {
    task.credentials(credentials);
  }

  /**
   * PTRACE_SEIZE of one task.
   *
   * @throws SystemCallException EPERM if the task is traced already, or belongs to another user and
   *     the tracer lacks CAP_SYS_PTRACE; ESRCH if it is gone
   */
  public synchronized void trace(Task tracer, Task task, TaskObserver observer)
      throws SystemCallException {
    Attaching.seize(tracer, task, observer);
  }

  /**
   * PTRACE_TRACEME of one task: its parent is the tracer, whatever user that is.
   *
   * @param observer of the parent
   * @throws SystemCallException EPERM if the task is traced already, has no parent, or has
   *     capabilities that the parent lacks, unless that has CAP_SYS_PTRACE
   */
  public synchronized void traceMe(Task task, TaskObserver observer) throws SystemCallException {
    Attaching.ask(task, observer);
  }

  /**
   * exit_group(2), or death by SIGKILL, of a process that executes nothing: what it held goes, and
   * what it traced runs on, without being let go in any orderly way.
   */
  public synchronized void exit(Task booted) {
    tasks.values().stream().filter(task -> task.tracer() == booted).forEach(this::letGo);
    exitGroup(booted, new ExitStatus(0, 0));
  }

  /** Gives a task that was just forked the observer of its parent (PTRACE_O_TRACEFORK). */
  public synchronized void inherit(Task child, TaskObserver observer) {
    child.observer(observer);
  }

  /** PTRACE_DETACH of one task. */
  public synchronized void letGo(Task task) {
    BtsCalls.release(task);
    cpu(task).reload(task);
    task.observer(null);
  }

  Cpu cpu(Task task) {
    return cpus.of(task);
  }

  // ---- time ----

  /** Returns the next runnable task in turn among those wanted, null if there is none. */
  public synchronized @Nullable Task next(Predicate<Task> wanted) {
    return runQueue.next(tasks, task -> isRunnable(task) && wanted.test(task));
  }

  /** Lets tasks that nobody traces run, in turn; returns the steps made before all were idle. */
  public synchronized long runUntraced(long most) {
    for (long made = 0; made < most; made++) {
      Task task = next(t -> t.observer() == null);
      if (task == null) {
        return made;
      }
      step(task);
    }
    return most;
  }

  /** Returns whether a task could make a step now. */
  public synchronized boolean isRunnable(Task task) {
    if (task.program() == null || task.isGone()) {
      return false;
    }
    return task.state() == Task.State.RUNNING
        || task.group().pendingSignal() != 0
        || task.group().joined();
  }

  /** Lets a runnable task make one step. */
  public synchronized void step(Task task) {
    Program program = Objects.requireNonNull(task.program(), "a task without a program");
    if (!isRunnable(task)) {
      throw new IllegalStateException("task " + task.tid() + " cannot run");
    }
    steps++;
    cpu(task).switchTo(task, steps);
    TaskGroup group = task.group();
    if (group.pendingSignal() != 0) {
      die(task, group.pendingSignal());
    } else if (task.state() == Task.State.JOINING) {
      List.copyOf(group.children()).forEach(this::reap);
      task.state(Task.State.RUNNING);
    } else {
      act(task, program, program.advance());
    }
  }

  private void act(Task task, Program program, Action action) {
    TaskObserver observer = task.observer();
    switch (action) {
      case BRANCH -> {
        cpu(task).branched(task, program.from(), program.to());
        if (observer != null) {
          observer.branched(task, program.from(), program.to());
        }
      }
      case CLONE -> clone(task, program.startThread());
      case FORK -> fork(task, program.startChild());
      case EXEC -> exec(task, program.successor());
      case JOIN -> task.state(Task.State.JOINING);
      case HANDLE_SIGNAL -> {
        if (observer != null) {
          observer.signalled(task, program.argument());
        }
      }
      case DIE -> die(task, program.argument());
      case EXIT_THREAD -> exit(task, new ExitStatus(0, 0));
      case EXIT -> exitGroup(task, new ExitStatus(program.argument(), 0));
    }
  }

  private void clone(Task parent, Program program) {
    Task child = start(nextId(), parent.group(), parent.mm(), parent.credentials(), program);
    child.tracer(parent.tracer());
    TaskObserver observer = parent.observer();
    if (observer != null) {
      child.observer(observer);
      observer.cloned(parent, child);
    }
  }

  private void fork(Task parent, Program program) {
    int pid = nextId();
    TaskGroup group = new TaskGroup(pid, parent.group());
    AddressSpace mm = newAddressSpace(pid, 0);
    parent.mm().copyTo(mm);
    Task child = start(pid, group, mm, parent.credentials(), program);
    child.tracer(parent.tracer());
    TaskObserver observer = parent.observer();
    if (observer != null) {
      observer.forked(parent, child);
    }
  }

  private void exec(Task task, Program program) {
    if (task.tid() != task.group().pid()) {
      throw new IllegalStateException("exec by a thread that is not the first of its process");
    }
    for (Task other : task.group().tasks()) {
      if (other != task) {
        exit(other, new ExitStatus(0, 0));
      }
    }
    AddressSpace left = task.mm();
    leaving(task);
    task.execute(program, newAddressSpace(task.group().pid(), AddressSpace.pagesOf(program)));
    forgetIfDead(left);
    TaskObserver observer = task.observer();
    if (observer != null) {
      observer.execed(task, left);
    }
  }

  private void die(Task task, int signal) {
    TaskObserver observer = task.observer();
    if (observer != null) {
      observer.signalled(task, signal);
    }
    exitGroup(task, new ExitStatus(0, signal));
  }

  private void exitGroup(Task task, ExitStatus status) {
    List<Task> others = new ArrayList<>(task.group().tasks());
    others.remove(task);
    others.sort((a, b) -> Integer.compare(b.tid(), a.tid()));
    others.forEach(other -> exit(other, status));
    exit(task, status);
  }

  /** One task ends; with the last one its process ends with this status. */
  void exit(Task task, ExitStatus status) {
    TaskGroup group = task.group();
    leaving(task);
    BtsCalls.release(task);
    task.state(Task.State.EXITED);
    tasks.remove(task.tid());
    group.remove(task);
    task.mm().leave();
    forgetIfDead(task.mm());
    task.files().leave();
    boolean processGone = group.tasks().isEmpty();
    if (processGone) {
      List<TaskGroup> orphans = List.copyOf(group.children());
      group.end(status);
      orphans.stream().filter(orphan -> orphan.exitStatus() != null).forEach(this::reap);
    }
    TaskObserver observer = task.observer();
    task.observer(null);
    if (observer != null) {
      observer.exited(task, processGone);
    }
    if (processGone && group.parent() == null) {
      reap(group);
    }
  }

  private static void leaving(Task task) {
    TaskObserver observer = task.observer();
    if (observer != null) {
      observer.leaving(task);
    }
  }

  Task start(
      int tid,
      TaskGroup group,
      AddressSpace mm,
      Credentials credentials,
      @Nullable Program program) {
    Task task = new Task(tid, group, cpus.nearest(tid), mm, credentials, program);
    group.add(task);
    groups.put(group.pid(), group);
    tasks.put(tid, task);
    return task;
  }

  AddressSpace newAddressSpace(int pid, long imagePages) {
    AddressSpace mm = new AddressSpace(new AccountOwner.AddressSpace(pid, ++lastGeneration));
    mm.mapImage(imagePages);
    addressSpaces.put(mm.identity(), mm);
    return mm;
  }

  void forgetIfDead(AddressSpace mm) {
    if (!mm.isAlive()) {
      addressSpaces.remove(mm.identity());
    }
  }
}
