package dev.bts.accounting.buffers;

import dev.bts.api.charging.TaskIdentity;
import java.util.Optional;

/**
 * What a backend does for the buffers of its sessions: knows tracees, and has memory charged.
 *
 * @param <T> a tracee as the backend knows it: a task, or a process with all its threads
 */
public interface PageSupply<T> {
  /** Returns the task that traces. */
  TaskIdentity tracer();

  /**
   * Returns a tracee as accounting sees it now; tracees that share an address space agree in it.
   */
  TaskIdentity identify(T tracee);

  /** Returns the thread id that side events about a tracee carry. */
  int tid(T tracee);

  /**
   * Returns whether memory that this tracee pays for can be charged and given back now. It cannot
   * while all that could make the calls wait in the kernel for somebody whom nobody traces.
   */
  boolean isReachable(T tracee);

  /**
   * Reserves, allocates and commits memory for the records of a tracee, on the session's thread
   * while the tracee stands. Tells the session's log of differences between ledger and kernel.
   *
   * @param pages at least one
   * @throws dev.bts.api.ChargeRefusedException if policy or kernel refuse; nothing is charged
   */
  ChargedPages charge(T tracee, long pages);

  /**
   * Takes over one buffer that a dead session has left with a tracee, on the session's thread while
   * the tracee stands. Its receipt is live; its memory is empty if nothing can be recorded there.
   *
   * @return empty if there is none, or none any more
   */
  default Optional<ChargedPages> adopt(T tracee) {
    return Optional.empty();
  }
}
