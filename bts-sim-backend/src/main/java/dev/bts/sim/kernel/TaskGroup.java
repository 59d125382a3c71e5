package dev.bts.sim.kernel;

import dev.bts.api.ExitStatus;
import dev.bts.api.charging.AccountOwner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process, the kernel's thread group: the tasks that share limits and end together ({@code struct
 * signal_struct}).
 */
public final class TaskGroup {
  private final int pid;
  private @Nullable TaskGroup parent;
  private ResourceLimits limits;
  private AccountOwner.Group memoryGroup;
  private final List<Task> tasks = new ArrayList<>();
  private final List<TaskGroup> children = new ArrayList<>();

  /** A fatal signal that the next step of any thread delivers, 0 if there is none. */
  private int pendingSignal;

  private @Nullable ExitStatus exitStatus;

  TaskGroup(
      int pid, @Nullable TaskGroup parent, ResourceLimits limits, AccountOwner.Group memoryGroup) {
    this.pid = pid;
    this.parent = parent;
    this.limits = limits;
    this.memoryGroup = memoryGroup;
  }

  /** A child, which inherits what its parent has. */
  TaskGroup(int pid, TaskGroup parent) {
    this(pid, parent, parent.limits, parent.memoryGroup);
    parent.children.add(this);
  }

  /** Returns the process id. */
  public int pid() {
    return pid;
  }

  /** Returns the process id of the parent, 0 if it is gone. */
  public int parentPid() {
    return parent == null ? 0 : parent.pid;
  }

  /** Returns the limits in force. */
  public ResourceLimits limits() {
    return limits;
  }

  /** Returns the memory control group. */
  public AccountOwner.Group memoryGroup() {
    return memoryGroup;
  }

  void memoryGroup(AccountOwner.Group next) {
    memoryGroup = next;
  }

  /** Returns the live threads, in order of start. */
  public List<Task> tasks() {
    return List.copyOf(tasks);
  }

  /** Returns how the process ended, null while it runs. */
  public @Nullable ExitStatus exitStatus() {
    return exitStatus;
  }

  @Nullable TaskGroup parent() {
    return parent;
  }

  List<TaskGroup> children() {
    return children;
  }

  void limits(ResourceLimits next) {
    limits = next;
  }

  int pendingSignal() {
    return pendingSignal;
  }

  void pendingSignal(int signal) {
    pendingSignal = signal;
  }

  void add(Task task) {
    tasks.add(task);
  }

  void remove(Task task) {
    tasks.remove(task);
  }

  /** The process becomes a zombie; its children have no parent any more. */
  void end(ExitStatus status) {
    exitStatus = status;
    for (TaskGroup child : children) {
      child.parent = null;
    }
    children.clear();
  }

  /** Returns whether one thread is alone and no child runs. */
  boolean joined() {
    return tasks.size() == 1 && children.stream().allMatch(child -> child.exitStatus != null);
  }

  /** A zombie is waited for and disappears. */
  void reap() {
    if (parent != null) {
      parent.children.remove(this);
      parent = null;
    }
  }
}
