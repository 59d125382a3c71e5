package dev.bts.kernel.ptrace;

/**
 * The task that a ptrace call was made for is no longer stopped: it was killed. Its end is about to
 * be reported by wait.
 */
final class TaskVanished extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int tid;

  TaskVanished(int tid) {
    super("task " + tid + " was killed", null, false, false);
    this.tid = tid;
  }

  /** Returns the task, which need not be the one that was being handled. */
  int tid() {
    return tid;
  }
}
