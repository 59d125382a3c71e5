package dev.bts.sim.kernel;

import dev.bts.api.ConfigFlag;
import dev.bts.api.Overflow;
import dev.bts.api.record.BranchBuffer;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The Debug Store area of a task, with how it is traced ({@code struct ds_context} of Linux
 * 2.6.28). Its memory is the kernel's, charged to the address space of the tracer, which is
 * remembered: the area ends with it. Guarded by the machine's lock.
 */
final class DebugStore implements Held {
  private final AddressSpace payer;
  private final long pages;
  private final BranchBuffer area;
  private final Set<ConfigFlag> flags;
  private final int signal;
  private long interrupts;
  private boolean released;

  /**
   * Makes an area; its pages are charged already.
   *
   * @param bytes how large it is; the last page is not used in full
   * @param signal the signal at the threshold; 0 if the area wraps instead
   */
  DebugStore(AddressSpace payer, long pages, int bytes, Set<ConfigFlag> flags, int signal) {
    this.payer = payer;
    this.pages = pages;
    this.flags = flags.isEmpty() ? EnumSet.noneOf(ConfigFlag.class) : EnumSet.copyOf(flags);
    this.signal = signal;
    Overflow overflow = signal == 0 ? Overflow.WRAP : Overflow.STOP;
    area = new BranchBuffer(ByteBuffer.allocate(bytes), overflow, 0);
  }

  /** Returns the records. */
  BranchBuffer area() {
    return area;
  }

  Set<ConfigFlag> flags() {
    return flags;
  }

  int signal() {
    return signal;
  }

  /** Returns how often the threshold has interrupted. */
  long interrupts() {
    return interrupts;
  }

  boolean isReleased() {
    return released;
  }

  /** Takes what is recorded, in the place of what was. */
  void flags(Set<ConfigFlag> next) {
    flags.clear();
    flags.addAll(next);
  }

  /** Writes a branch as the processor does; returns whether that is an interrupt. */
  boolean write(long from, long to) {
    return !released
        && flags.contains(ConfigFlag.TRACE)
        && area.append(from, to, 0, 0)
        && signal != 0;
  }

  /** The handler of the threshold interrupt: the task is sent the signal. */
  void interrupted(Task task) {
    interrupts++;
    TaskObserver observer = task.observer();
    if (observer == null) {
      task.group().pendingSignal(signal);
    } else {
      observer.signalled(task, signal);
    }
  }

  void arrives(Task task, long now) {
    scheduled(task, now, BtsCalls.ARRIVES);
  }

  void departs(@Nullable Task task, long now) {
    scheduled(task, now, BtsCalls.DEPARTS);
  }

  private void scheduled(@Nullable Task task, long now, int qualifier) {
    if (!released && flags.contains(ConfigFlag.SCHED) && task != null) {
      boolean reached = area.append(BtsCalls.ESCAPE, now, qualifier, task.tid());
      if (reached && signal != 0) {
        interrupted(task);
      }
    }
  }

  /** Frees the memory and refunds who has paid; again, it has no effect. */
  void release() {
    if (!released) {
      released = true;
      payer.letGoOf(this);
      payer.map(-pages);
      payer.lock(-pages);
    }
  }

  /** The payer's address space is torn down, and its counters with it. */
  @Override
  public void letGo() {
    released = true;
  }
}
