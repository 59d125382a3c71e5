package dev.bts.sim.program;

/** What a simulated task does in one step. */
public enum Action {
  /** It takes the branch from {@link Program#from()} to {@link Program#to()}. */
  BRANCH,
  /** It starts a thread, which executes {@link Program#startThread()}. */
  CLONE,
  /** It forks a process, which executes {@link Program#startChild()}. */
  FORK,
  /** It replaces its program by {@link Program#successor()}; its other threads end. */
  EXEC,
  /** It waits until its process has no other thread and no child that runs. */
  JOIN,
  /** Signal {@link Program#argument()} is delivered to its handler. */
  HANDLE_SIGNAL,
  /** Signal {@link Program#argument()} ends its process. */
  DIE,
  /** It ends alone; its process goes on with its other threads. */
  EXIT_THREAD,
  /** Its process exits with code {@link Program#argument()}. */
  EXIT
}
