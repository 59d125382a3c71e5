package dev.bts.api.charging;

/**
 * What a policy may know: the use and limit of accounts, and who may exceed limits. One consistent
 * moment, read without side effects.
 */
public interface AccountView {
  /** A limit that does not limit. */
  long UNLIMITED = Long.MAX_VALUE;

  /** Returns the pages on the account now, reservations that are not yet committed included. */
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
