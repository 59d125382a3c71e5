package dev.bts.sim.kernel;

/**
 * What a tracer sees of the tasks it traces. It is told of every branch, beside what the CPU writes
 * to the task's Debug Store area, if it has one.
 *
 * <p>Called at the end of the step in which something happened, with the machine's lock held; must
 * not step the machine.
 */
public interface TaskObserver {
  /** The task took a branch. */
  void branched(Task task, long from, long to);

  /** The task started a thread, which is traced by the same observer. */
  void cloned(Task parent, Task child);

  /** The task forked; the child is not traced unless the observer takes it on. */
  void forked(Task parent, Task child);

  /** The task is about to leave its address space, by its end or by executing a new program. */
  void leaving(Task task);

  /** The task executes a new program in a new address space. */
  void execed(Task task, AddressSpace left);

  /** A signal was delivered. */
  void signalled(Task task, int signal);

  /**
   * The task ended and is no longer traced.
   *
   * @param processGone whether it was the last of its process, which is a zombie now
   */
  void exited(Task task, boolean processGone);
}
