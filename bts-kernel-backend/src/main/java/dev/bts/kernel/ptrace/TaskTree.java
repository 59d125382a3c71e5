package dev.bts.kernel.ptrace;

import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Vendor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The traced processes and their threads. */
final class TaskTree {
  private final Observer observer;
  private final Decoder decoder = new Decoder(Vendor.ofThisMachine());
  private final Map<Integer, Task> tasks = new HashMap<>();
  private final Map<Integer, Tracee> tracees = new LinkedHashMap<>();

  TaskTree(Observer observer) {
    this.observer = observer;
  }

  /** Returns the living processes, oldest first. */
  List<Tracee> tracees() {
    return new ArrayList<>(tracees.values());
  }

  /** Returns all threads, as a view that changes with the tree. */
  Collection<Task> tasks() {
    return tasks.values();
  }

  /** Returns the ids of all threads, as a view that changes with the tree. */
  Set<Integer> tids() {
    return tasks.keySet();
  }

  /** Returns the thread with this id, null if there is none. */
  @Nullable Task find(int tid) {
    return tasks.get(tid);
  }

  /** Adds the first process. */
  Tracee addFirst(int pid) {
    Tracee tracee = new Tracee(pid, null, new AddressSpace(pid, decoder), new TrapDisposition());
    tracees.put(pid, tracee);
    return tracee;
  }

  /** Adds a child that a task has made, a thread or a process. */
  void addChild(Task parent, int tid) {
    Tracee tracee = parent.tracee();
    Cloning cloning = Cloning.of(parent, tid);
    if (!cloning.thread()) {
      AddressSpace memory =
          cloning.sharesMemory() ? tracee.memory().share() : tracee.memory().fork(tid);
      TrapDisposition trap = tracee.trap().fork();
      tracee = new Tracee(tid, tracee, memory, trap);
      tracees.put(tid, tracee);
    }
    add(tracee, tid, parent.tid());
  }

  /** Adds a thread to a process. */
  Task add(Tracee tracee, int tid, int parentTid) {
    Task task = new Task(tracee, tid, parentTid);
    tasks.put(tid, task);
    tracee.tasks().add(task);
    return task;
  }

  /** A thread has executed a new program: it is its process's only one now, and has its id. */
  void execute(Task task) {
    Tracee tracee = task.tracee();
    for (Task other : List.copyOf(tracee.tasks())) {
      if (other != task) {
        remove(other);
        observer.threadExited(other);
      }
    }
    tasks.remove(task.tid());
    task.becomeLeader();
    tasks.put(task.tid(), task);
    loseMemory(tracee);
    release(tracee.memory());
    tracee.exec(new AddressSpace(tracee.pid(), decoder));
  }

  /**
   * Returns the threads that use some memory. Those of the newest process come first: all others
   * may be in vfork, waiting for it.
   */
  List<Task> usersOf(AddressSpace memory) {
    List<Tracee> newestFirst = tracees();
    Collections.reverse(newestFirst);
    return newestFirst.stream()
        .filter(tracee -> tracee.memory() == memory)
        .flatMap(tracee -> tracee.tasks().stream())
        .toList();
  }

  /** Removes a thread that has ended or was let go. */
  void remove(Task task) {
    tasks.remove(task.tid(), task);
    task.tracee().tasks().remove(task);
    task.setState(Task.State.GONE);
    task.close();
  }

  /** Removes a process that has ended or was let go. */
  void remove(Tracee tracee) {
    tracees.remove(tracee.pid());
    release(tracee.memory());
  }

  /** The address space of a process is going; says so once. */
  void loseMemory(Tracee tracee) {
    if (tracee.loseMemory()) {
      observer.addressSpaceGone(tracee);
    }
  }

  /** The address space of a process is going, and can be looked at for the last time. */
  void loseMemoryWhichIsStillThere(Tracee tracee) {
    try {
      observer.losingAddressSpace(tracee);
    } finally {
      loseMemory(tracee);
    }
  }

  private static void release(AddressSpace memory) {
    if (memory.release()) {
      memory.close();
    }
  }
}
