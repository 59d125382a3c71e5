package dev.bts.kernel.ptrace;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Sys;
import java.util.ArrayDeque;

/**
 * The place where the tracer thread waits for its tracees.
 *
 * <p>Every wait carries {@code __WNOTHREAD}: it sees the children and tracees of this thread alone,
 * so it can never take the status of a child that another thread of the JVM waits for.
 */
final class Waiter implements AutoCloseable {
  /** wait4 for whichever task of the calling thread. */
  private static final int ANY = -1;

  private record Stop(int tid, int status) {}

  private final NativeBuffer status = new NativeBuffer(Integer.BYTES);
  private final ArrayDeque<Stop> putBack = new ArrayDeque<>();
  private final Errands errands = new Errands();
  private int lastStatus;

  /**
   * Waits for the next stop or end of any task of this thread, after having done the errands that
   * there are.
   *
   * @return its thread id, 0 if there is nothing now and {@code block} is false, or a negative
   *     errno: EINTR when the wait was cut short, ECHILD when there is no task
   */
  int next(boolean block) {
    errands.run();
    if (!putBack.isEmpty()) {
      Stop stop = putBack.removeFirst();
      lastStatus = stop.status();
      return stop.tid();
    }
    if (!block) {
      return wait(ANY, Ptrace.WNOHANG);
    }
    try {
      return errands.beginWait() ? wait(ANY, 0) : -Errno.EINTR;
    } finally {
      errands.endWait();
    }
  }

  /** Returns what this thread does for others between two stops. */
  Errands errands() {
    return errands;
  }

  /** Returns the wait status that goes with the last id returned. */
  int status() {
    return lastStatus;
  }

  /** Waits for the next stop or end of one task. */
  int waitFor(int tid) {
    for (Stop stop : putBack) {
      if (stop.tid() == tid) {
        putBack.remove(stop);
        return stop.status();
      }
    }
    while (true) {
      int got = wait(tid, 0);
      if (got == tid) {
        return lastStatus;
      }
      if (got != -Errno.EINTR) {
        throw got == -Errno.ECHILD
            ? new TaskVanished(tid)
            : new KernelException(
                new dev.bts.api.Explanation(
                    "wait for task " + tid, "the kernel answered " + Errno.name(-got), ""),
                -got);
      }
    }
  }

  /** Returns whether one task stands where it was last seen to stop: it was not killed since. */
  boolean stands(int tid) {
    if (!isInTracingStop(tid)) {
      return false;
    }
    int got = wait(tid, Ptrace.WNOHANG);
    if (got == tid) {
      putBack(tid, lastStatus);
    }
    return got == 0;
  }

  /** Returns whether the kernel says "tracing stop" of a task (proc(5), State). */
  static boolean isInTracingStop(int tid) {
    return ProcFile.statusField(tid, "State").orElse("X").startsWith("t");
  }

  /** Keeps a status for the next wait, because it came at a moment when it could not be handled. */
  void putBack(int tid, int status) {
    putBack.add(new Stop(tid, status));
  }

  private int wait(int which, int options) {
    long got =
        Sys.call(Sys.WAIT4, which, status.address(), Ptrace.WALL | Ptrace.WNOTHREAD | options, 0);
    lastStatus = status.bytes().getInt(0);
    return (int) got;
  }

  @Override
  public void close() {
    status.close();
  }
}
