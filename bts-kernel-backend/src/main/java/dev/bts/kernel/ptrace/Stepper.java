package dev.bts.kernel.ptrace;

import dev.bts.api.Mechanism;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.UserRegs;
import dev.bts.kernel.x86.ControlFlow;
import dev.bts.kernel.x86.Instruction;

/**
 * The mechanism {@code SINGLE_STEP}: one stop per instruction, and the decoder says of each whether
 * it branched.
 *
 * <p>Tracer and tracee share one CPU while the tracee is stepped, which is four times as fast as
 * two. System calls are not stepped but run from entry to exit, with the program's own CPUs and
 * signal mask. So whenever a task sleeps in the kernel there is nothing of ours about it, and all
 * that the tracer's death could leave behind is left to threads that {@link Rescue} helps.
 */
final class Stepper implements Engine {
  private static final long TRAP_FLAG = 0x100;

  /** More than a signal's frame takes, with all registers that a processor can have. */
  private static final long SIGNAL_FRAME_BYTES_MAX = 1 << 14;

  private final Stops stops;
  private final Rescue rescue;
  private final TrapMask traps;
  private final SystemCalls systemCalls;
  private final Observer observer;
  private final SharedCpu sharedCpu;

  Stepper(Stops stops, InjectedCalls calls, Observer observer, TaskTree tree, SharedCpu sharedCpu) {
    this.stops = stops;
    this.sharedCpu = sharedCpu;
    this.rescue = new Rescue(stops, calls);
    this.traps = new TrapMask(stops);
    this.observer = observer;
    this.systemCalls = new SystemCalls(stops, rescue, observer, tree);
  }

  @Override
  public Mechanism mechanism() {
    return Mechanism.SINGLE_STEP;
  }

  @Override
  public void prepare(Task task) {
    if (!task.pinned) {
      task.affinity.readFrom(task.tid());
    }
    rescue.install(task);
    arrive(task);
  }

  /** Looks at a task that stands at a new place. */
  private void arrive(Task task) {
    task.registers.fetch(task.tid());
    locate(task);
    if (!InjectedCalls.restarts(task.registers)) {
      traps.unblock(task);
    }
  }

  /** Looks what a task is going to execute, whose registers are the program's. */
  void locate(Task task) {
    task.address = task.registers.rip();
    task.site = siteAt(task, task.address);
  }

  private static int siteAt(Task task, long address) {
    return task.tracee().memory().code().site(task.tid(), address);
  }

  @Override
  public void resume(Task task) {
    if (task.pendingSignal != 0) {
      deliver(task);
      return;
    }
    int kind = Site.kind(task.site);
    if (InjectedCalls.restarts(task.registers) || kind == Site.OTHER_SYSTEM_CALL) {
      enterCall(task);
    } else if (kind == Site.LOADS_FLAGS && loadFlags(task)) {
      locate(task);
      resume(task);
    } else if (kind == Site.SYSTEM_CALL && systemCalls.emulate(task)) {
      locate(task);
      resume(task);
    } else if (kind == Site.SYSTEM_CALL) {
      enterCall(task);
    } else {
      step(task, 0);
    }
  }

  private boolean loadFlags(Task task) {
    long from = task.address;
    Instruction instruction = task.tracee().memory().code().instructionAt(task.tid(), from);
    if (instruction == null || !FlagLoads.execute(task, instruction)) {
      return false;
    }
    if (instruction.controlFlow() == ControlFlow.INTERRUPT_RETURN) {
      observer.branched(task, from, task.registers.rip());
    }
    return true;
  }

  /** Says that a task goes on with user code. */
  void arriveOnCpu(Task task) {
    if (!task.onCpu) {
      task.onCpu = true;
      observer.arrived(task);
    }
  }

  private void step(Task task, int signal) {
    sharedCpu.pin(task);
    arriveOnCpu(task);
    task.setState(Task.State.RUNNING);
    task.trapFlagged = true;
    Stops.resume(Ptrace.SINGLESTEP, task.tid(), signal);
  }

  private void enterCall(Task task) {
    enterCall(task, 0);
  }

  private void enterCall(Task task, int signal) {
    makeNative(task);
    task.inCall = false;
    task.setState(Task.State.RUNNING);
    task.trapFlagged = false;
    Stops.resume(Ptrace.SYSCALL, task.tid(), signal);
  }

  /** Gives the thread the CPUs and the signal mask that the program chose. */
  private void makeNative(Task task) {
    clearTrapFlag(task);
    SharedCpu.unpin(task);
    traps.block(task);
  }

  private void deliver(Task task) {
    int signal = task.pendingSignal;
    task.pendingSignal = 0;
    if (signal == Signals.SIGTRAP && !relayTrap(task)) {
      return;
    }
    observer.signalled(task, signal);
    boolean caught = (ProcFile.statusSet(task.tid(), "SigCgt") & Signals.bit(signal)) != 0;
    boolean atCall =
        Site.kind(task.site) == Site.SYSTEM_CALL || InjectedCalls.restarts(task.registers);
    if (!caught && atCall) {
      // No handler will run, so what comes next is the call.
      enterCall(task, signal);
      return;
    }
    // The handler's frame must hold the program's flags and mask.
    clearTrapFlag(task);
    traps.block(task);
    long stack = task.registers.get(UserRegs.RSP);
    task.tracee().memory().letWrite(stack - SIGNAL_FRAME_BYTES_MAX, stack);
    task.signalled = true;
    step(task, signal);
  }

  /**
   * Brings the program a SIGTRAP of its own, under the disposition that it chose. This takes two
   * stops: setting the disposition in the kernel uses up the first, and the signal is sent again.
   *
   * @return whether the signal can be delivered now; else the task was resumed otherwise
   */
  private boolean relayTrap(Task task) {
    if (task.trapRelayed != null) {
      stops.setSignalInfo(task.tid(), task.trapRelayed);
      task.trapRelayed = null;
      return true;
    }
    byte[] info = stops.signalInfo(task.tid());
    int code = stops.signalCode(task.tid());
    if (code == Signals.SI_TKILL && task.trapInfo != null) {
      // Held before, and sent again by us.
      info = task.trapInfo;
    }
    task.trapInfo = null;
    boolean forced = code > 0;
    TrapDisposition trap = task.tracee().trap();
    if (!forced && task.trapBlocked) {
      task.trapHeld = true;
      task.trapInfo = info;
      resume(task);
      return false;
    }
    if (!forced && trap.ignored()) {
      resume(task);
      return false;
    }
    if (task.trapBlocked || trap.ignored()) {
      // As force_sig does: what can neither be taken nor put off ends the program.
      rescue.keep(task, new byte[Signals.SIGACTION_BYTES]);
    }
    rescue.withdraw(task);
    task.trapRelayed = info;
    step(task, Signals.SIGTRAP);
    return false;
  }

  @Override
  public boolean signalled(Task task, int signal) {
    return signal == Signals.SIGTRAP && trapped(task);
  }

  @Override
  public void settle(Task task) {
    // Between two steps a task is where the program is.
  }

  @Override
  public void collect(Task task) {
    // Every branch was told when it was taken.
  }

  private boolean trapped(Task task) {
    int tid = task.tid();
    long before = task.address;
    int site = task.site;
    long from = lastExecuted(task);
    int executed = from == before ? site : siteAt(task, from);
    boolean conditionHeld =
        Site.toNext(executed)
            && task.tracee().memory().code().conditionHolds(tid, from, task.registers);
    task.registers.fetch(tid);
    long to = task.registers.rip();
    if (to == before || task.signalled || Site.kind(site) == Site.TRAPS) {
      int code = stops.signalCode(tid);
      if (code != Signals.TRAP_TRACE) {
        return trappedOtherwise(task, code);
      }
    }
    task.setState(Task.State.STANDING);
    if (task.signalled) {
      task.signalled = false;
      traps.unblock(task);
    }
    afterwards(task, from, executed, to, conditionHeld);
    locate(task);
    return true;
  }

  /** Returns the address of the last instruction that will have been executed at the next trap. */
  private long lastExecuted(Task task) {
    return switch (Site.kind(task.site)) {
      // The trap comes one instruction late.
      case Site.LOADS_STACK_SEGMENT -> task.address + Site.length(task.site);
      // The kernel does what the call stands for, and returns; only then does the trap flag count.
      case Site.VSYSCALL -> stops.peek(task.tid(), task.registers.get(UserRegs.RSP));
      default -> task.address;
    };
  }

  /** A trap that is not the end of a step: a handler's start, or the program's own. */
  private boolean trappedOtherwise(Task task, int code) {
    if (!task.tracee().trap().installed() && task.trapRelayed == null) {
      rescue.install(task);
    }
    boolean ours = code == Signals.SIGTRAP || code == Signals.TRAP_BRKPT;
    if (task.signalled) {
      task.signalled = false;
      traps.unblock(task);
    }
    task.setState(Task.State.STANDING);
    locate(task);
    return ours;
  }

  private void afterwards(Task task, long from, int site, long to, boolean conditionHeld) {
    switch (Site.kind(site)) {
      case Site.CONDITIONAL -> {
        if (conditionHeld || to != from + Site.length(site)) {
          observer.branched(task, from, to);
        }
      }
      case Site.BRANCH -> observer.branched(task, from, to);
      case Site.LOADS_FLAGS -> {
        Instruction loads = task.tracee().memory().code().instructionAt(task.tid(), from);
        if (loads != null && loads.controlFlow() == ControlFlow.INTERRUPT_RETURN) {
          observer.branched(task, from, to);
        }
      }
      case Site.STORES_FLAGS -> hideTrapFlag(task);
      default -> {}
    }
  }

  private void hideTrapFlag(Task task) {
    long top = task.registers.get(UserRegs.RSP);
    task.tracee().memory().letWrite(top, top + Long.BYTES);
    stops.pokeWord(task.tid(), top, stops.peek(task.tid(), top) & ~TRAP_FLAG);
  }

  /** Clears a trap flag that the kernel takes for the program's; see {@link FlagLoads}. */
  private static void clearTrapFlag(Task task) {
    long flags = task.registers.get(UserRegs.EFLAGS);
    if ((flags & TRAP_FLAG) != 0) {
      task.registers.set(UserRegs.EFLAGS, flags & ~TRAP_FLAG);
      task.registers.store(task.tid());
    }
  }

  @Override
  public void systemCallStopped(Task task) {
    if (!task.inCall) {
      task.registers.fetch(task.tid());
      task.call = (int) task.registers.get(UserRegs.ORIG_RAX);
      task.inCall = true;
      systemCalls.entered(task);
      task.setState(Task.State.IN_SYSTEM_CALL);
      Stops.resume(Ptrace.SYSCALL, task.tid(), 0);
      return;
    }
    task.inCall = false;
    task.setState(Task.State.STANDING);
    task.registers.fetch(task.tid());
    if (task.interrupted) {
      InjectedCalls.undoInterruption(task);
    }
    if (InjectedCalls.restarts(task.registers)) {
      // A signal stop or the same call again comes next; masks are the kernel's until then.
      return;
    }
    task.affinity.readFrom(task.tid());
    clearTrapFlag(task);
    traps.unblock(task);
    if (!systemCalls.isRefusedForUs(task)) {
      systemCalls.left(task);
    }
    if (!task.tracee().trap().installed()) {
      rescue.install(task);
    }
    locate(task);
  }

  @Override
  public void stopped(Task task) {
    arrive(task);
  }

  @Override
  public int inCallRequest() {
    return Ptrace.SYSCALL;
  }

  @Override
  public void halt(Task task) {
    // Every step is a stop, and a task in a system call executes no user code.
  }

  @Override
  public void withdraw(Task task) {
    // From here on nothing helps it if the tracer dies.
    SharedCpu.unpin(task);
    rescue.calm(task);
    rescue.withdraw(task);
  }

  @Override
  public void release(Task task) {
    if (task.pendingSignal == 0) {
      rescue.calm(task);
    }
    makeNative(task);
  }

  @Override
  public void close() {
    sharedCpu.close();
  }
}
