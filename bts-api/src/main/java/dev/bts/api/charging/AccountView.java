package dev.bts.api.charging;

/**
 * What a policy may know: the use and limit of accounts, and who may exceed limits. Read without
 * side effects.
 *
 * <p>A backend's view reads the kernel's own counters when it is asked, not before: a {@link
 * Ledger} asks while it holds its lock, so that whatever another session committed is in the
 * counter and whatever it has not yet committed is among the ledger's reservations. The view that a
 * policy sees is the backend's with those reservations added, each counter read once: one
 * consistent moment.
 */
public interface AccountView {
  /** A limit that does not limit. */
  long UNLIMITED = Long.MAX_VALUE;

  /**
   * Returns the pages on the account now. From a backend: the kernel's (or simulator's) counter,
   * which contains what this ledger has committed, like everybody else's charges. Towards a policy:
   * reservations that are not yet committed are added. Negative if the kernel's counter has
   * underflowed.
   */
  long usedPages(Account account);

  /**
   * Returns the limit, in pages, that the kernel would read if {@code charger} charged the account:
   * an address space's own rlimit, for a user the rlimit of the charging task, for a group its
   * maximum; {@link #UNLIMITED} if there is none.
   */
  long limitPages(Account account, TaskIdentity charger);

  /**
   * Returns whether the task's CAP_IPC_LOCK (in the initial user namespace) lifts memlock limits.
   */
  boolean mayExceedMemlock(TaskIdentity task);
}
