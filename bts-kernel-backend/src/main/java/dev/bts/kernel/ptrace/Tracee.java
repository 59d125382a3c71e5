package dev.bts.kernel.ptrace;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A traced process: a thread group with its address space. */
public final class Tracee {
  private final int pid;
  private final int parentPid;
  private final List<Task> tasks = new ArrayList<>();
  private final TrapDisposition trap;
  private AddressSpace memory;
  private long execs;
  private boolean announced;
  private boolean memoryGone;

  /**
   * Creates a process.
   *
   * @param parent the process that made it, null for the first tracee
   */
  Tracee(int pid, @Nullable Tracee parent, AddressSpace memory, TrapDisposition trap) {
    this.pid = pid;
    this.parentPid = parent == null ? 0 : parent.pid;
    this.memory = memory;
    this.trap = trap;
  }

  /** Returns the process id. */
  public int pid() {
    return pid;
  }

  /** Returns the process that made this one, 0 for the first tracee. */
  public int parentPid() {
    return parentPid;
  }

  /** Returns how many programs the process has executed under the tracer. */
  public long execs() {
    return execs;
  }

  /** Returns the living threads. */
  public List<Task> tasks() {
    return tasks;
  }

  /** Returns whether two processes use the same address space. */
  public boolean sharesMemoryWith(Tracee other) {
    return memory == other.memory;
  }

  /** Notes that the process was seen standing; returns whether that was the first time. */
  boolean announce() {
    boolean first = !announced;
    announced = true;
    return first;
  }

  /** Notes that the address space is gone; returns whether that was news. */
  boolean loseMemory() {
    boolean first = !memoryGone;
    memoryGone = true;
    return first;
  }

  AddressSpace memory() {
    return memory;
  }

  TrapDisposition trap() {
    return trap;
  }

  /** A new program replaces the address space. */
  void exec(AddressSpace fresh) {
    memory = fresh;
    memoryGone = false;
    execs++;
    trap.exec();
  }
}
