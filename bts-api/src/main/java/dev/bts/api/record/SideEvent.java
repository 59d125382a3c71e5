package dev.bts.api.record;

import dev.bts.api.charging.Receipt;

/** Something that happened beside the branches; stands in stream order with them. */
public sealed interface SideEvent {
  /** Returns the thread it happened to, 0 where it concerns the session as a whole. */
  int tid();

  /** Returns when it was seen: nanoseconds of CLOCK_MONOTONIC (simulated time in the simulator). */
  long timeNanos();

  /** A process came under the tracer's control: the first one, or a forked or vforked child. */
  record ProcessStarted(int tid, long timeNanos, int pid, int parentPid, String command)
      implements SideEvent {}

  /** A process is gone. {@code code} is its exit code, {@code signal} the signal that killed it. */
  record ProcessExited(int tid, long timeNanos, int pid, int code, int signal)
      implements SideEvent {}

  /** A thread started in a process that is traced. */
  record ThreadStarted(int tid, long timeNanos, int pid, int parentTid) implements SideEvent {}

  /** A thread ended. */
  record ThreadExited(int tid, long timeNanos, int pid) implements SideEvent {}

  /**
   * A process executes a new program; its other threads are gone and the caller has the tid pid.
   */
  record Exec(int tid, long timeNanos, int pid, String path) implements SideEvent {}

  /**
   * Code is mapped at [start, end).
   *
   * @param fileOffset the offset in the file that start corresponds to
   * @param path the file, or a name such as {@code [vdso]}; empty for anonymous memory
   * @param buildId the GNU build id in hex, empty if unknown
   */
  record Mapped(
      int tid,
      long timeNanos,
      int pid,
      long start,
      long end,
      long fileOffset,
      String path,
      String buildId)
      implements SideEvent {}

  /** A thread arrived on a CPU (the BTS_TASK_ARRIVES record of 2008). */
  record Arrived(int tid, long timeNanos, int cpu) implements SideEvent {}

  /** A thread departed from a CPU (the BTS_TASK_DEPARTS record of 2008). */
  record Departed(int tid, long timeNanos, int cpu) implements SideEvent {}

  /** A signal was delivered: to a handler, or with its default action. */
  record Signalled(int tid, long timeNanos, int signal) implements SideEvent {}

  /**
   * A branch stack was sampled. The branches of this thread that follow, up to its next sample, are
   * the stack, oldest first, and nothing is missing between them; between two samples something is.
   *
   * @param address where the thread was when the sample was taken, 0 if unknown
   */
  record Sampled(int tid, long timeNanos, long address) implements SideEvent {}

  /** {@code count} records that should stand here were lost. */
  record Lost(int tid, long timeNanos, long count, String reason) implements SideEvent {}

  /** Memory was charged. */
  record Charged(int tid, long timeNanos, Receipt receipt) implements SideEvent {}

  /**
   * Memory that a dead session had charged was taken over with the process that it was found in. No
   * counter moved: who paid goes on paying, until the refund.
   */
  record Adopted(int tid, long timeNanos, Receipt receipt) implements SideEvent {}

  /** Memory was refunded, to those who paid. */
  record Refunded(int tid, long timeNanos, Receipt receipt) implements SideEvent {}

  /**
   * Ledger and kernel disagree about a buffer's pages on an account.
   *
   * @param predictedPages what the ledger says: pages charged, or held now, or, negative, refunded
   * @param kernelPages what the kernel says: by how many pages its counter moved, or how many pages
   *     of the buffer it has on the account now
   */
  record AccountingDrift(
      int tid, long timeNanos, String account, long predictedPages, long kernelPages)
      implements SideEvent {}
}
