package dev.bts.sim;

import dev.bts.accounting.buffers.BufferAssignment;
import dev.bts.api.ExitStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.StreamLog;
import dev.bts.sim.kernel.AddressSpace;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.TaskGroup;
import dev.bts.sim.kernel.TaskObserver;
import dev.bts.sim.program.CodeImage;
import dev.bts.sim.program.Program;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a session sees of its tracees: lets them run, and turns what the machine tells into the
 * session's stream. Used on the session's thread only.
 */
final class Recorder implements TaskObserver {
  private final Machine machine;
  private final StreamLog log;
  private final BufferAssignment<Task> buffers;
  private final boolean followChildren;
  private final Set<Task> tracees = new LinkedHashSet<>();
  private boolean recording = true;
  private boolean scheduling;
  private int firstPid;
  private @Nullable ExitStatus exitStatus;
  private int threadsEver;

  /** The tracee that runs now, null while all stand or an untraced task runs. */
  private @Nullable Task onCpu;

  /** Where it has arrived; it may be taken elsewhere, if the CPU goes offline. */
  private int cpu = -1;

  private boolean thresholdReached;
  private boolean payerLeft;

  Recorder(Machine machine, StreamLog log, BufferAssignment<Task> buffers, TraceRequest request) {
    this.machine = machine;
    this.log = log;
    this.buffers = buffers;
    followChildren = request.followChildren();
    scheduling = request.recordScheduling();
  }

  // ---- what the session asks for ----

  /**
   * Attaches to all threads of the process that the session is opened for.
   *
   * @throws SystemCallException if one cannot be traced; those before it are
   */
  void attach(Task tracer, TaskGroup process) throws SystemCallException {
    firstPid = process.pid();
    for (Task task : process.tasks()) {
      machine.trace(tracer, task, this);
      add(task);
      buffers.add(task);
      if (task.tid() == firstPid) {
        processStarted(task);
      } else {
        log.event(new SideEvent.ThreadStarted(task.tid(), machine.now(), firstPid, firstPid));
      }
    }
  }

  /** Sets what is recorded; the tracees stand. */
  void record(boolean branches, boolean arrivals) {
    halt();
    recording = branches;
    scheduling = arrivals;
  }

  /**
   * Lets the next task in turn make some steps; stops early when the session has something to do.
   * Tasks that nobody traces have their turns too, because a tracee may wait for them.
   *
   * @return false if no task can run
   */
  boolean runSlice(int mostSteps) {
    synchronized (machine) {
      Task task = machine.next(t -> t.observer() == null || t.observer() == this);
      if (task == null) {
        return false;
      }
      switchTo(task.observer() == this ? task : null);
      for (int i = 0; i < mostSteps && machine.isRunnable(task) && !needsService(); i++) {
        machine.step(task);
      }
      return true;
    }
  }

  private boolean needsService() {
    return thresholdReached || payerLeft || buffers.failure() != null;
  }

  /** The tracees stand: the one that was running leaves its CPU. */
  void halt() {
    switchTo(null);
  }

  /** Lets all tracees go and refunds all buffers. What was recorded can still be read. */
  void letGo() {
    halt();
    tracees.forEach(machine::letGo);
    tracees.clear();
    buffers.releaseAll();
  }

  /** Returns whether a threshold was reached since this was asked last. */
  boolean takeThresholdReached() {
    boolean reached = thresholdReached;
    thresholdReached = false;
    return reached;
  }

  /** Returns whether a buffer's payer left since this was asked last; only few records are kept. */
  boolean takePayerLeft() {
    boolean left = payerLeft;
    payerLeft = false;
    return left;
  }

  /** Returns how the first process ended, null if it has not. */
  @Nullable ExitStatus exitStatus() {
    return exitStatus;
  }

  int threadsEver() {
    return threadsEver;
  }

  int liveThreads() {
    return tracees.size();
  }

  // ---- what the machine tells ----

  @Override
  public void branched(Task task, long from, long to) {
    if (recording) {
      thresholdReached |= buffers.branched(task, from, to, 0, task.tid());
    }
  }

  @Override
  public void cloned(Task parent, Task child) {
    int pid = child.group().pid();
    log.event(new SideEvent.ThreadStarted(child.tid(), machine.now(), pid, parent.tid()));
    add(child);
    buffers.addLike(child, parent);
  }

  @Override
  public void forked(Task parent, Task child) {
    if (followChildren) {
      machine.inherit(child, this);
      processStarted(child);
      add(child);
      buffers.add(child);
      buffers.assign(child, parent);
    }
  }

  @Override
  public void leaving(Task task) {
    buffers.verify(task.mm().identity());
  }

  @Override
  public void execed(Task task, AddressSpace left) {
    Program program = program(task);
    int pid = task.group().pid();
    log.event(new SideEvent.Exec(task.tid(), machine.now(), pid, program.image().path()));
    mapped(task, program);
    boolean recorded = !buffers.leavesAlone(task);
    if (recorded) {
      buffers.add(task);
    }
    leave(left);
    if (recorded) {
      buffers.assign(task, null);
    }
  }

  @Override
  public void signalled(Task task, int signal) {
    log.event(new SideEvent.Signalled(task.tid(), machine.now(), signal));
  }

  @Override
  public void exited(Task task, boolean processGone) {
    if (onCpu == task) {
      switchTo(null);
    }
    tracees.remove(task);
    buffers.remove(task);
    int pid = task.group().pid();
    if (task.tid() != pid) {
      log.event(new SideEvent.ThreadExited(task.tid(), machine.now(), pid));
    }
    ExitStatus status = task.group().exitStatus();
    if (processGone && status != null) {
      log.event(
          new SideEvent.ProcessExited(
              task.tid(), machine.now(), pid, status.code(), status.signal()));
      if (pid == firstPid) {
        exitStatus = status;
      }
    }
    leave(task.mm());
  }

  private void add(Task task) {
    tracees.add(task);
    threadsEver++;
  }

  /** Somebody left an address space, which pays no longer if he was the last. */
  private void leave(AddressSpace mm) {
    if (!mm.isAlive()) {
      buffers.payerLeaves(mm.identity());
      buffers.assignBereft();
      payerLeft = true;
    }
  }

  private static Program program(Task task) {
    return Objects.requireNonNull(task.program(), "a tracee executes a program");
  }

  private void processStarted(Task task) {
    Program program = program(task);
    TaskGroup group = task.group();
    log.event(
        new SideEvent.ProcessStarted(
            task.tid(), machine.now(), group.pid(), group.parentPid(), program.command()));
    mapped(task, program);
  }

  private void mapped(Task task, Program program) {
    CodeImage image = program.image();
    int pid = task.group().pid();
    log.event(
        new SideEvent.Mapped(
            task.tid(), machine.now(), pid, image.start(), image.end(), 0, image.path(), ""));
  }

  private void switchTo(@Nullable Task next) {
    if (next == onCpu && (next == null || next.cpu() == cpu)) {
      return;
    }
    if (scheduling && onCpu != null) {
      log.event(new SideEvent.Departed(onCpu.tid(), machine.now(), cpu));
    }
    if (scheduling && next != null) {
      log.event(new SideEvent.Arrived(next.tid(), machine.now(), next.cpu()));
    }
    onCpu = next;
    cpu = next == null ? -1 : next.cpu();
  }
}
