package dev.bts.kernel.ptrace;

import dev.bts.api.Mechanism;

/** What runs the user code of tasks between stops, and sees its branches if it is meant to. */
interface Engine extends AutoCloseable {
  /** Returns the mechanism that this engine is. */
  Mechanism mechanism();

  /** Makes a process ready whose address space is new to the engine; the task stands. */
  void prepare(Task task);

  /** Lets a standing task run on, with its pending signal delivered if it has one. */
  void resume(Task task);

  /**
   * Handles a stop for a signal.
   *
   * @return false if the signal is the program's own business and must be delivered; the task then
   *     is where the program is
   */
  boolean signalled(Task task, int signal);

  /**
   * Brings a task that stopped in code of the engine to where it would be natively, with its
   * registers. It goes on from there.
   */
  void settle(Task task);

  /** Tells the observer what a task that has stopped has recorded and nobody has read yet. */
  void collect(Task task);

  /**
   * Handles a stop at the entry to or exit from a system call; the task is standing afterwards only
   * if it may execute user code next.
   */
  void systemCallStopped(Task task);

  /** Looks anew at a task that stands at a place the engine did not bring it to. */
  void stopped(Task task);

  /**
   * Returns the ptrace request that takes a task from an event within a system call to its exit.
   */
  int inCallRequest();

  /** Asks a task that runs for a stop, unless the engine brings one soon anyway. */
  void halt(Task task);

  /**
   * Takes what the engine put into the process out again; the task stands, and all others of the
   * process were released.
   */
  void withdraw(Task task);

  /**
   * Takes what the engine did to one thread back; the task stands. With a pending signal it must be
   * let go next, else it may stand on.
   */
  void release(Task task);

  @Override
  void close();
}
