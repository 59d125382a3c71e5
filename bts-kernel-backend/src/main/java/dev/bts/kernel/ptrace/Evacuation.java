package dev.bts.kernel.ptrace;

import dev.bts.kernel.software.Exits;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.UserRegs;

/**
 * The way out of translated code that a dead tracer has left, for a task that has just been seized
 * there: it runs on to where it leaves the cache by itself.
 */
final class Evacuation {
  private final Stops stops;
  private final Waiter waiter;

  Evacuation(Stops stops, Waiter waiter) {
    this.stops = stops;
    this.waiter = waiter;
  }

  /** Takes a standing task, whose registers were fetched, out of such code if it is in it. */
  void leave(Task task) {
    if (!inForeignCache(task)) {
      return;
    }
    int tid = task.tid();
    int signal = 0;
    while (inForeignCache(task)) {
      Stops.resume(Ptrace.CONT, tid, signal);
      signal = 0;
      int status = waiter.waitFor(tid);
      if (!Ptrace.stopped(status) || Ptrace.event(status) == Ptrace.EVENT_EXIT) {
        waiter.putBack(tid, status);
        throw new TaskVanished(tid);
      }
      task.registers.fetch(tid);
      if (Ptrace.event(status) != 0) {
        continue;
      }
      signal = Ptrace.stopSignal(status);
      long rip = task.registers.rip();
      if (signal == Signals.SIGTRAP
          && inForeignCache(task)
          && Exits.isExit(stops.peek(tid, rip - 1))) {
        long pc = stops.peek(tid, Exits.destination(rip - 1));
        long area = task.registers.get(UserRegs.GS_BASE);
        task.registers.set(UserRegs.RIP, pc != 0 ? pc : stops.peek(tid, Exits.target(area)));
        task.registers.set(UserRegs.GS_BASE, stops.peek(tid, Exits.programGs(area)));
        stops.disguiseTrap(tid);
        task.registers.store(tid);
        return;
      }
    }
    // A handler of the program's has been entered; the signal's frame leads back to the cache.
    task.pendingSignal = signal;
  }

  private static boolean inForeignCache(Task task) {
    long rip = task.registers.rip();
    for (MemoryArea area : task.tracee().memory().allAreas()) {
      if (area.contains(rip)) {
        return area.isOfBts() && area.executable();
      }
    }
    return false;
  }
}
