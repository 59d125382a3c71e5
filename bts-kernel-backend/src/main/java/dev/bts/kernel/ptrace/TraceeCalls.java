package dev.bts.kernel.ptrace;

import dev.bts.kernel.memory.RemoteCalls;
import dev.bts.kernel.sys.Errno;
import java.util.List;
import java.util.function.Consumer;

/**
 * System calls that a traced process executes for the tracer, by whichever of its threads stands.
 */
public final class TraceeCalls implements RemoteCalls {
  private final Tracee tracee;
  private final InjectedCalls calls;
  private final Stops stops;
  private final Consumer<Task> bringToStop;

  TraceeCalls(Tracee tracee, InjectedCalls calls, Stops stops, Consumer<Task> bringToStop) {
    this.bringToStop = bringToStop;
    this.tracee = tracee;
    this.calls = calls;
    this.stops = stops;
  }

  private Task hand() {
    for (Task task : tracee.tasks()) {
      if (task.state() == Task.State.STANDING) {
        return task;
      }
    }
    for (Task task : List.copyOf(tracee.tasks())) {
      bringToStop.accept(task);
      if (task.state() == Task.State.STANDING) {
        return task;
      }
    }
    throw new TaskVanished(tracee.pid());
  }

  @Override
  public int pid() {
    return tracee.pid();
  }

  @Override
  public int tid() {
    try {
      return hand().tid();
    } catch (TaskVanished killed) {
      return tracee.pid();
    }
  }

  @Override
  public long call(int number, long a, long b, long c, long d, long e, long f) {
    try {
      return calls.call(hand(), number, a, b, c, d, e, f);
    } catch (TaskVanished killed) {
      return -Errno.ESRCH;
    }
  }

  @Override
  public void write(long address, byte[] bytes) {
    try {
      stops.poke(hand().tid(), address, bytes);
    } catch (TaskVanished killed) {
      throw TraceTarget.vanished(tracee.pid());
    }
  }

  @Override
  public long scratch() {
    try {
      calls.prepare(hand());
    } catch (TaskVanished killed) {
      throw TraceTarget.vanished(tracee.pid());
    }
    return tracee.memory().cave() + CaveLayout.SCRATCH;
  }

  @Override
  public int scratchBytes() {
    return CaveLayout.SCRATCH_BYTES;
  }
}
