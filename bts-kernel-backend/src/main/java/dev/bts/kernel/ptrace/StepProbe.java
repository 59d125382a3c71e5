package dev.bts.kernel.ptrace;

import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Sys;

/**
 * A measurement of what the step requests of ptrace(2) really do: it counts the stops of known
 * code.
 *
 * <p>That a request succeeds says nothing. Where the processor or its hypervisor ignores the block
 * step flag, {@code PTRACE_SINGLEBLOCK} succeeds and steps single instructions.
 */
public final class StepProbe {
  private StepProbe() {}

  /** Returns how often a helper stops while it serves two requests by single steps. */
  public static long singleSteps() {
    return stops(Ptrace.SINGLESTEP);
  }

  /** Returns how often a helper stops while it serves the same two requests by block steps. */
  public static long blockSteps() {
    return stops(Ptrace.SINGLEBLOCK);
  }

  private static long stops(int request) {
    try (HelperProcess helper = HelperProcess.start();
        NativeBuffer status = new NativeBuffer(Integer.BYTES)) {
      int pid = helper.pid();
      Errno.check(
          Ptrace.call(Ptrace.SEIZE, pid, 0, Ptrace.O_TRACEEXIT | Ptrace.O_EXITKILL),
          "trace a helper process");
      Errno.check(Ptrace.call(Ptrace.INTERRUPT, pid, 0, 0), "interrupt a helper process");
      helper.send(Sys.GETPID);
      helper.send(Sys.EXIT_GROUP);
      long stops = 0;
      while (event(pid, status) != Ptrace.EVENT_EXIT) {
        stops++;
        Errno.check(Ptrace.call(request, pid, 0, 0), "step a helper process");
      }
      Errno.check(Ptrace.call(Ptrace.DETACH, pid, 0, 0), "let a helper process go");
      return stops;
    }
  }

  private static int event(int pid, NativeBuffer status) {
    long got;
    do {
      got = Sys.call(Sys.WAIT4, pid, status.address(), Ptrace.WALL, 0);
    } while (got == -Errno.EINTR);
    Errno.check(got, "wait for a helper process");
    return Ptrace.event(status.bytes().getInt(0));
  }
}
