package dev.bts.kernel.ptrace;

import dev.bts.api.ExitStatus;
import dev.bts.api.record.BranchRun;

/** Is told what happens to traced processes, on the tracer's thread, in the order it is seen. */
public interface Observer {
  /** A thread took a branch. Called once per record: allocates nothing. */
  void branched(Task task, long from, long to);

  /** A thread took branches in a row, to be read during the call. Allocates nothing per branch. */
  void branched(Task task, BranchRun branches);

  /** A process came under control; its task stands and nothing of it was recorded yet. */
  void processStarted(Task task);

  /** A thread started in a process that is traced. */
  void threadStarted(Task task, int parentTid);

  /** A process executes a new program in a new address space; nothing of it was recorded yet. */
  void executed(Task task);

  /** Code is mapped in a process. */
  void mapped(Task task, MemoryArea area);

  /** A signal is delivered. */
  void signalled(Task task, int signal);

  /** A thread, which stands, arrived on a CPU: it goes on with user code. */
  void arrived(Task task);

  /** A thread is about to leave its CPU: it enters the kernel. */
  void departed(Task task);

  /** A thread that is not the last of its process ended. */
  void threadExited(Task task);

  /** A process is about to be let go; its threads stand, and can still make calls for us. */
  void leaving(Tracee tracee);

  /** A thread is single-stepped from here, because its code cannot be translated. */
  void untranslatable(Task task, String reason);

  /** A process runs on untraced, because it cannot be traced. */
  void untraceable(Tracee tracee, String reason);

  /**
   * A process may be about to lose its address space, which can still be looked at: it has asked
   * for another program, which may fail, or ends.
   */
  void losingAddressSpace(Tracee tracee);

  /** A process has lost its address space, or is just losing it, by its end or by an exec. */
  void addressSpaceGone(Tracee tracee);

  /** A process ended. */
  void processExited(Tracee tracee, ExitStatus status);
}
