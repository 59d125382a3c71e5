package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;

/**
 * SIGTRAP in the signal masks of stepped threads. They must not block it, whatever the program
 * chose: the kernel would reset its disposition and end the program. A trap of the program's own
 * that comes while it believes to block it is held until it would have come.
 */
final class TrapMask {
  private static final long TRAP = Signals.bit(Signals.SIGTRAP);

  private final Stops stops;

  TrapMask(Stops stops) {
    this.stops = stops;
  }

  /** Gives a thread that is about to be out of our hands the mask that the program chose. */
  void block(Task task) {
    if (task.trapBlocked) {
      long mask = stops.signalMask(task.tid());
      if ((mask & TRAP) == 0) {
        stops.setSignalMask(task.tid(), mask | TRAP);
      }
      // Now it can wait in the kernel, where the program may look for it.
      sendHeld(task);
    }
  }

  /** Notes whether the program blocks SIGTRAP, and lets it through for us. */
  void unblock(Task task) {
    long mask = stops.signalMask(task.tid());
    task.trapBlocked = (mask & TRAP) != 0;
    if (task.trapBlocked) {
      stops.setSignalMask(task.tid(), mask & ~TRAP);
    } else {
      sendHeld(task);
    }
  }

  private static void sendHeld(Task task) {
    if (task.trapHeld) {
      task.trapHeld = false;
      Sys.call(Sys.TGKILL, task.tracee().pid(), task.tid(), Signals.SIGTRAP, 0);
    }
  }
}
