package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.UserRegs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The handler for SIGTRAP that a stepped process is given, so that it survives the tracer.
 *
 * <p>The kernel does not clear the trap flag of the tracees of a tracer that dies. Their next
 * instruction raises SIGTRAP, which would kill them; the handler in the cave clears the flag
 * instead. The program never sees it: its own disposition is in {@link TrapDisposition}.
 */
final class Rescue {
  private static final long SA_ONSTACK = 0x08000000L;

  /** Below the red zone of 128 bytes, where the ABI lets nobody keep anything. */
  private static final int BELOW_RED_ZONE_BYTES = 1024;

  private final Stops stops;
  private final InjectedCalls calls;

  Rescue(Stops stops, InjectedCalls calls) {
    this.stops = stops;
    this.calls = calls;
  }

  /** Puts the handler in place, unless it is, and keeps what it replaces. */
  void install(Task task) {
    TrapDisposition trap = task.tracee().trap();
    if (trap.installed()) {
      return;
    }
    calls.prepare(task);
    long cave = task.tracee().memory().cave();
    byte[] action = present(task);
    if (Arrays.equals(action, handler(cave))) {
      // A tracer that died left it here, with the program's own action beside it.
      action = actionAt(task, cave + CaveLayout.TRAP_ACTION);
    }
    keep(task, action);
    stops.poke(task.tid(), cave + CaveLayout.AFFINITY, task.affinity.bytes());
    set(task, handler(cave));
    trap.setInstalled(true);
  }

  /** Takes back a handler that a tracer which died has left; the cave is dug. */
  void withdrawInherited(Task task) {
    long cave = task.tracee().memory().cave();
    if (Arrays.equals(present(task), handler(cave))) {
      set(task, actionAt(task, cave + CaveLayout.TRAP_ACTION));
    }
  }

  /** Returns the disposition of SIGTRAP that is in force. */
  private byte[] present(Task task) {
    long old = (task.registers.get(UserRegs.RSP) & -Signals.SIGACTION_BYTES) - BELOW_RED_ZONE_BYTES;
    Errno.check(
        calls.call(task, Sys.RT_SIGACTION, Signals.SIGTRAP, 0, old, Signals.SET_BYTES),
        "read the disposition of SIGTRAP of process " + task.tracee().pid());
    return actionAt(task, old);
  }

  private static byte[] actionAt(Task task, long address) {
    byte[] action = new byte[Signals.SIGACTION_BYTES];
    task.tracee().memory().readAll(task.tid(), address, action);
    return action;
  }

  /**
   * Takes the trap flag of the last step from a standing task: the kernel clears it when the task
   * is resumed otherwise.
   */
  void calm(Task task) {
    if (task.trapFlagged) {
      calls.call(task, Sys.GETPID);
    }
  }

  /** Notes what the program wants done on SIGTRAP, here and where the handler can find it. */
  void keep(Task task, byte[] action) {
    task.tracee().trap().setAction(action);
    stops.poke(task.tid(), task.tracee().memory().cave() + CaveLayout.TRAP_ACTION, action);
  }

  /** Gives the program's own disposition back to the kernel. */
  void withdraw(Task task) {
    TrapDisposition trap = task.tracee().trap();
    if (trap.installed()) {
      // Without it the program would keep a handler that is about to go.
      Insistence.run(() -> set(task, trap.action()));
      trap.setInstalled(false);
    }
  }

  private void set(Task task, byte[] action) {
    long scratch = task.tracee().memory().cave() + CaveLayout.SCRATCH;
    stops.poke(task.tid(), scratch, action);
    Errno.check(
        calls.call(task, Sys.RT_SIGACTION, Signals.SIGTRAP, scratch, 0, Signals.SET_BYTES),
        "set the disposition of SIGTRAP of process " + task.tracee().pid());
  }

  private static byte[] handler(long cave) {
    return ByteBuffer.allocate(Signals.SIGACTION_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(Signals.SA_HANDLER_OFFSET, cave + CaveLayout.TRAP_HANDLER)
        .putLong(Signals.SA_FLAGS_OFFSET, Signals.SA_SIGINFO | Signals.SA_RESTORER | SA_ONSTACK)
        .putLong(Signals.SA_RESTORER_OFFSET, cave + CaveLayout.RETURN_ROUTINE)
        .array();
  }
}
