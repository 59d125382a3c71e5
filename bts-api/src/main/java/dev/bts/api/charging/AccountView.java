package dev.bts.api.charging;

import java.util.Optional;

/**
 * What a policy may know: the use and limit of accounts, and who may exceed limits. Read without
 * side effects.
 *
 * <p>A backend's view reads the kernel's own counters when it is asked, not before: a {@link
 * Ledger} looks at its reservations first and asks for the counter then, so that whatever another
 * session committed is in the counter and whatever it has not yet committed is among the
 * reservations. The view that a policy sees is the backend's with those reservations added, each
 * counter read once: one consistent moment. It may be asked by several threads, and again for the
 * same request.
 */
public interface AccountView {
  /** A limit that does not limit. */
  long UNLIMITED = Long.MAX_VALUE;

  /** A view in which everything is free: what a policy answers to it tells who would pay. */
  AccountView BOUNDLESS =
      new AccountView() {
        @Override
        public long usedPages(Account account) {
          return 0;
        }

        @Override
        public long limitPages(Account account, TaskIdentity charger) {
          return UNLIMITED;
        }

        @Override
        public Optional<String> liftedBy(Account account, TaskIdentity charger) {
          return Optional.empty();
        }
      };

  /**
   * Returns the pages on the account now. From a backend: the kernel's (or simulator's) counter,
   * which contains what this ledger has committed, like everybody else's charges. Towards a policy:
   * reservations that are not yet committed are added. Negative if the kernel's counter has
   * underflowed.
   */
  long usedPages(Account account);

  /**
   * Returns the limit, in pages, that the kernel would read if {@code charger} charged the account:
   * an address space's own rlimit, for a user's memlock the rlimit of the charging task, for its
   * perf counter the gift (perf_event_mlock_kb times online CPUs), for a group its maximum; {@link
   * #UNLIMITED} if there is none.
   */
  long limitPages(Account account, TaskIdentity charger);

  /**
   * Returns what lifts the account's limit for {@code charger}, empty if nothing does: {@code
   * CAP_IPC_LOCK} (in the initial user namespace) that of memlock, for perf also {@code
   * perf_event_paranoid -1}. It is asked for only where the limit stands in the way.
   */
  Optional<String> liftedBy(Account account, TaskIdentity charger);
}
