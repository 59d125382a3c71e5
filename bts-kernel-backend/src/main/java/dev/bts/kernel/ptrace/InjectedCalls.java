package dev.bts.kernel.ptrace;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Boundary;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.UserRegs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * System calls of ours, executed by a stopped tracee.
 *
 * <p>The registers are lent to {@link CaveLayout#CALL_ROUTINE}, which gives them back by itself. So
 * the tracer may die at any moment: before the registers are set nothing has happened, after it the
 * program goes on where it was. The order of the steps below is what makes that true. While a call
 * runs all signals are blocked, and those that cannot be are sent again.
 */
final class InjectedCalls implements AutoCloseable {
  private static final int[] ARGUMENTS = {
    UserRegs.RDI, UserRegs.RSI, UserRegs.RDX, UserRegs.R10, UserRegs.R8, UserRegs.R9
  };

  /** Saved registers in the order of the cave's saved values. */
  private static final int[] SAVED = {
    UserRegs.RAX,
    UserRegs.RCX,
    UserRegs.RDX,
    UserRegs.RSI,
    UserRegs.RDI,
    UserRegs.R8,
    UserRegs.R9,
    UserRegs.R10,
    UserRegs.R11,
    UserRegs.RIP
  };

  private final Stops stops;
  private final Waiter waiter;
  private final Registers lent = new Registers();

  /** Whether the present call has been entered. */
  private boolean executed;

  InjectedCalls(Stops stops, Waiter waiter) {
    this.stops = stops;
    this.waiter = waiter;
  }

  /**
   * Digs the cave in the task's address space unless it is there.
   *
   * @throws dev.bts.api.TargetException if there is no room for it
   */
  void prepare(Task task) {
    AddressSpace memory = task.tracee().memory();
    if (memory.cave() != 0) {
      return;
    }
    long cave = memory.findCave(task.tid());
    if (cave == 0) {
      throw new dev.bts.api.TargetException(
          new dev.bts.api.Explanation(
              "trace process " + task.tracee().pid(),
              "no executable mapping has " + CaveLayout.BYTES + " unused bytes at its end",
              "start the program with the vDSO (kernel parameter vdso=1)"));
    }
    byte[] present = new byte[CaveLayout.BYTES];
    memory.readAll(task.tid(), cave, present);
    if (!CaveLayout.isCave(present)) {
      stops.poke(task.tid(), cave, CaveLayout.image());
    }
    // A tracer that died may have left one that leads elsewhere.
    stops.pokeWord(task.tid(), cave + CaveLayout.TRAP_VECTOR, cave + CaveLayout.TRAP_SORTER);
    memory.setCave(cave);
  }

  /** Fills the cave with zeros again. */
  void remove(Task task) {
    AddressSpace memory = task.tracee().memory();
    if (memory.cave() != 0) {
      stops.poke(task.tid(), memory.cave(), new byte[CaveLayout.BYTES]);
      memory.setCave(0);
    }
  }

  /**
   * Executes a system call in a standing task, with the signal mask that the program should have.
   *
   * @return the result or a negative errno
   */
  long call(Task task, int number, long... arguments) {
    return Boundary.call(
        Boundary.Side.TRACEE,
        number,
        arguments.length == 0 ? 0 : arguments[0],
        task.tracee().pid(),
        () -> makeOrAgain(task, number, arguments));
  }

  /**
   * An order to the task that failed before the call was executed is given once more: many calls
   * undo what was done, and have nobody to undo them.
   */
  private long makeOrAgain(Task task, int number, long... arguments) {
    try {
      return make(task, number, arguments);
    } catch (KernelException failed) {
      if (executed) {
        throw failed;
      }
      try {
        return make(task, number, arguments);
      } catch (KernelException again) {
        again.addSuppressed(failed);
        throw again;
      }
    }
  }

  private long make(Task task, int number, long... arguments) {
    executed = false;
    prepare(task);
    long cave = task.tracee().memory().cave();
    int tid = task.tid();
    task.registers.fetch(tid);
    settle(task.registers);
    long mask = stops.signalMask(tid);
    if (task.trapBlocked) {
      mask |= Signals.bit(Signals.SIGTRAP);
    }
    stops.poke(tid, cave + CaveLayout.SAVED_RAX, saved(task.registers, mask));
    lent.copyFrom(task.registers);
    lent.set(UserRegs.RIP, cave + CaveLayout.CALL_ROUTINE);
    lent.set(UserRegs.RAX, number);
    lent.set(UserRegs.ORIG_RAX, -1);
    for (int i = 0; i < arguments.length; i++) {
      lent.set(ARGUMENTS[i], arguments[i]);
    }
    boolean given = false;
    try {
      lent.store(tid);
      stops.setSignalMask(tid, -1);
      runToExit(task);
      Insistence.run(() -> lent.fetch(tid));
      given = true;
    } finally {
      if (!given) {
        // Wherever it stands, it begins no call when it goes on.
        task.registers.set(UserRegs.ORIG_RAX, -1);
        giveBack(task, mask);
      }
    }
    long result = lent.get(UserRegs.RAX);
    giveBack(task, mask);
    return result;
  }

  private void giveBack(Task task, long mask) {
    int tid = task.tid();
    Insistence.run(() -> stops.setSignalMask(tid, mask));
    Insistence.run(() -> task.registers.store(tid));
    if (task.trapBlocked) {
      Insistence.run(() -> stops.setSignalMask(tid, mask & ~Signals.bit(Signals.SIGTRAP)));
    }
  }

  private static byte[] saved(Registers registers, long mask) {
    ByteBuffer bytes = ByteBuffer.allocate(CaveLayout.SAVED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int offset : SAVED) {
      bytes.putLong(registers.get(offset));
    }
    return bytes.putLong(mask).array();
  }

  /**
   * Puts a task that was interrupted in a system call back before it, as the kernel does when no
   * handler runs: the lent registers hide from the kernel that it still had to do so.
   */
  static void settle(Registers registers) {
    if (!restarts(registers)) {
      return;
    }
    boolean byBlock = registers.get(UserRegs.RAX) == -Errno.ERESTART_RESTARTBLOCK;
    registers.takeBackBeforeCall(byBlock ? Sys.RESTART_SYSCALL : registers.get(UserRegs.ORIG_RAX));
  }

  /** Whether the task was interrupted in a system call that the kernel is about to restart. */
  static boolean restarts(Registers registers) {
    long result = registers.get(UserRegs.RAX);
    return registers.get(UserRegs.ORIG_RAX) >= 0
        && result <= -Errno.ERESTARTSYS
        && result >= -Errno.ERESTART_RESTARTBLOCK;
  }

  /**
   * Puts a task back before a system call that ended with EINTR only because the tracer asked the
   * task to stop. (Some calls, such as epoll_wait(2), do not restart by themselves.)
   */
  static void undoInterruption(Task task) {
    Registers registers = task.registers;
    if (registers.get(UserRegs.RAX) != -Errno.EINTR || registers.get(UserRegs.ORIG_RAX) < 0) {
      return;
    }
    long pending =
        ProcFile.statusSet(task.tid(), "SigPnd") | ProcFile.statusSet(task.tid(), "ShdPnd");
    if ((pending & ~ProcFile.statusSet(task.tid(), "SigBlk")) != 0) {
      return;
    }
    registers.takeBackBeforeCall(registers.get(UserRegs.ORIG_RAX));
    registers.store(task.tid());
  }

  /** Takes a task that stands at the entry of a system call back before it. */
  void unmake(Task task) {
    Registers registers = task.registers;
    registers.fetch(task.tid());
    registers.takeBackBeforeCall(registers.get(UserRegs.ORIG_RAX));
    registers.store(task.tid());
    Stops.resume(Ptrace.SYSCALL, task.tid(), 0);
    int status = waiter.waitFor(task.tid());
    if (!Ptrace.stopped(status) || Ptrace.event(status) == Ptrace.EVENT_EXIT) {
      waiter.putBack(task.tid(), status);
      throw new TaskVanished(task.tid());
    }
    registers.store(task.tid());
  }

  private void runToExit(Task task) {
    int tid = task.tid();
    boolean entered = false;
    int unblockable = 0;
    boolean groupStop = false;
    task.trapFlagged = false;
    Stops.resume(Ptrace.SYSCALL, tid, 0);
    while (true) {
      int status = waiter.waitFor(tid);
      if (!Ptrace.stopped(status) || Ptrace.event(status) == Ptrace.EVENT_EXIT) {
        waiter.putBack(tid, status);
        throw new TaskVanished(tid);
      }
      int signal = Ptrace.stopSignal(status);
      if (signal == (Signals.SIGTRAP | Ptrace.SYSGOOD)) {
        if (entered) {
          break;
        }
        entered = true;
        executed = true;
      } else if (Ptrace.event(status) == Ptrace.EVENT_STOP) {
        groupStop |= signal != Signals.SIGTRAP;
      } else if (Ptrace.event(status) == 0) {
        unblockable = signal;
      }
      Stops.resume(Ptrace.SYSCALL, tid, 0);
    }
    if (unblockable != 0) {
      Sys.call(Sys.TGKILL, task.tracee().pid(), tid, unblockable, 0);
    }
    if (groupStop) {
      Ptrace.call(Ptrace.INTERRUPT, tid, 0, 0);
    }
  }

  @Override
  public void close() {
    lent.close();
  }
}
