package dev.bts.kernel.ptrace;

import dev.bts.kernel.software.ThreadArea;
import dev.bts.kernel.sys.CpuSet;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.UserRegs;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A traced thread ({@code task_struct}). */
public final class Task implements AutoCloseable {
  /** Where a task is between two looks at it. */
  enum State {
    /** Known to exist, its first stop is still to come. */
    NEW,
    /** Stopped between two instructions; somebody must resume it. */
    STANDING,
    /** Runs user code, or is on its way to its next stop. */
    RUNNING,
    /** Runs or sleeps in a system call. */
    IN_SYSTEM_CALL,
    /** Stopped by SIGSTOP or its like, waiting for SIGCONT. */
    GROUP_STOPPED,
    /** Killed; its end is still to be reported. */
    DYING,
    /** No longer under control. */
    GONE
  }

  final Registers registers = new Registers();
  private final Tracee tracee;
  private int tid;
  private State state = State.NEW;

  /** The address of the next instruction; what a trap says was executed is this one. */
  long address;

  /** The {@link Site} at that address. */
  int site;

  /** Whether the task was last resumed with a signal, so that a trap may be a handler's start. */
  boolean signalled;

  /** The signal to deliver at the next resumption, 0 for none. */
  int pendingSignal;

  /** Whether the program blocks SIGTRAP; the kernel must not, while the task is stepped. */
  boolean trapBlocked;

  /** Whether a SIGTRAP waits until the program unblocks it. */
  boolean trapHeld;

  /** siginfo_t of a SIGTRAP that is or was held, null if none is. */
  byte @Nullable [] trapInfo;

  /** siginfo_t of the program's own SIGTRAP while it is on its way to the program, else null. */
  byte @Nullable [] trapRelayed;

  /** Whether the task is on the tracer's CPU only. */
  boolean pinned;

  /** Whether a stop that was asked for was passed over for a trap that comes first: that is it. */
  boolean stopDue;

  /** Whether the kernel has put the trap flag into the task's registers, for a step. */
  boolean trapFlagged;

  /** The CPUs that the program has chosen for the task. */
  final CpuSet affinity = new CpuSet();

  /** Whether the task runs in translated code, where its registers are not the program's. */
  boolean translated;

  /** What the thread uses while it runs in translated code, null if it never did. */
  @Nullable ThreadArea area;

  /** Whether there was no memory for that. */
  boolean withoutArea;

  /** Whether what is to be done about the stop that is to be handled next is done already. */
  boolean stopDone;

  /** Whether the task has filled its area once. */
  boolean filled;

  /** Whether more memory for its area may be asked for. */
  boolean mayWiden = true;

  /** How often the task is still to go on on any CPU, because it records faster than is read. */
  int apart;

  /** The GS base that the program has while the task runs in translated code. */
  long programGs;

  /** Whether the next instruction is to be executed as it is. */
  boolean stepNext;

  /** Whether the task was last seen going on with user code, and not leaving it since. */
  boolean onCpu;

  /** Whether the tracer asked the task to stop, and the stop is still to come. */
  boolean interrupted;

  /** The thread that made this one. */
  final int parentTid;

  /** Whether the task waits until a child of its has executed a program or ended. */
  boolean waitsInVfork;

  /** Whether the next system call stop is the exit of a call. */
  boolean inCall;

  /** The number of the system call that was entered. */
  int call;

  Task(Tracee tracee, int tid, int parentTid) {
    this.tracee = tracee;
    this.tid = tid;
    this.parentTid = parentTid;
  }

  /** Returns the thread id. */
  public int tid() {
    return tid;
  }

  /** Returns the process that the thread belongs to. */
  public Tracee tracee() {
    return tracee;
  }

  ThreadArea area() {
    return Objects.requireNonNull(area, "the thread never ran in translated code");
  }

  State state() {
    return state;
  }

  void setState(State next) {
    state = next;
  }

  /** The thread that execs takes over its process's id. */
  void becomeLeader() {
    tid = tracee.pid();
  }

  /** Whether ptrace orders can be given to the task now. */
  boolean stopped() {
    return state == State.STANDING || state == State.GROUP_STOPPED;
  }

  /** Whether the task cannot execute a user instruction unless it is resumed. */
  boolean halted() {
    return state != State.RUNNING && state != State.NEW;
  }

  /**
   * Asks the running or sleeping task for a stop.
   *
   * @throws dev.bts.api.KernelException if the kernel refuses: there will be none
   */
  void interrupt() {
    // Whoever lets a process go has no other way.
    long asked = Ptrace.insist(Ptrace.INTERRUPT, tid, 0, 0);
    if (asked != -Errno.ESRCH) {
      Errno.check(asked, "interrupt task " + tid);
    }
    interrupted = true;
  }

  /**
   * Asks a new task, at a stop that is not its first, for that one again: any stop uses up what was
   * asked for (kernel/signal.c, ptrace_stop). A task comes to such a stop if the tracer before has
   * died while it made a step.
   */
  void askForFirstStopAgain() {
    if (state == State.NEW) {
      interrupt();
    }
  }

  /** Returns an argument of a system call; 0 is the first. */
  long argument(int index) {
    return registers.get(ARGUMENTS[index]);
  }

  private static final int[] ARGUMENTS = {
    UserRegs.RDI, UserRegs.RSI, UserRegs.RDX, UserRegs.R10, UserRegs.R8, UserRegs.R9
  };

  @Override
  public void close() {
    registers.close();
    affinity.close();
  }
}
