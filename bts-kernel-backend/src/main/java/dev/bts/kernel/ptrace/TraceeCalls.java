package dev.bts.kernel.ptrace;

import dev.bts.kernel.memory.RemoteCalls;
import dev.bts.kernel.sys.Errno;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * System calls that are executed for the tracer in the address space that a process has now, by
 * whichever thread stands there: one of the process, or of another one that shares its memory, as a
 * vforked child does while the process itself waits for it.
 */
public final class TraceeCalls implements RemoteCalls {
  private static final Comparator<Task> LIKELY_FIRST =
      Comparator.comparing(task -> task.waitsInVfork);

  private final Tracee tracee;
  private final AddressSpace memory;
  private final TaskTree tree;
  private final InjectedCalls calls;
  private final Stops stops;
  private final Consumer<Task> bringToStop;

  TraceeCalls(
      Tracee tracee, TaskTree tree, InjectedCalls calls, Stops stops, Consumer<Task> bringToStop) {
    this.tracee = tracee;
    this.memory = tracee.memory();
    this.tree = tree;
    this.calls = calls;
    this.stops = stops;
    this.bringToStop = bringToStop;
  }

  private static boolean stands(Task task) {
    return task.state() == Task.State.STANDING;
  }

  private Task hand() {
    List<Task> users = tree.usersOf(memory);
    Optional<Task> standing = users.stream().filter(TraceeCalls::stands).findFirst();
    if (standing.isPresent()) {
      return standing.get();
    }
    for (Task task : users.stream().sorted(LIKELY_FIRST).toList()) {
      bringToStop.accept(task);
      if (stands(task)) {
        return task;
      }
    }
    throw new TaskVanished(tracee.pid());
  }

  /**
   * Returns whether a call would be executed at once. It would not while every thread there is
   * dies, or waits in vfork for a process that is not traced: that wait nobody can cut short.
   */
  public boolean areReachable() {
    return tree.usersOf(memory).stream()
        .anyMatch(task -> !task.waitsInVfork && task.state() != Task.State.DYING);
  }

  @Override
  public int pid() {
    List<Task> users = tree.usersOf(memory);
    return users.stream()
        .filter(TraceeCalls::stands)
        .findFirst()
        .or(() -> users.stream().findFirst())
        .map(task -> task.tracee().pid())
        .orElse(tracee.pid());
  }

  @Override
  public boolean workOnMemoryOf(int pid) {
    return tree.usersOf(memory).stream().anyMatch(task -> task.tracee().pid() == pid);
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
      Task hand = hand();
      try {
        return calls.call(hand, number, a, b, c, d, e, f);
      } catch (TaskVanished killed) {
        hand.setState(Task.State.DYING);
        throw killed;
      }
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
    return memory.cave() + CaveLayout.SCRATCH;
  }

  @Override
  public int scratchBytes() {
    return CaveLayout.SCRATCH_BYTES;
  }
}
