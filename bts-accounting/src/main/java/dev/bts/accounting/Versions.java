package dev.bts.accounting;

import dev.bts.api.charging.Account;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The versions of a ledger's balances: numbers that tell whether those of some of the account
 * owners have changed.
 *
 * <p>Balances are changed under the ledger's lock, and read without it by decisions under way. A
 * version never comes back. Who finds, under the lock, the version of an earlier moment knows that
 * what was read since is exact and has stayed so. Equal totals would not show that: a reservation
 * that came and was committed leaves them equal, and the kernel's counter not.
 *
 * <p>The owners are spread over several versions, so that sessions with different payers seldom
 * disturb each other.
 */
final class Versions {
  private static final int COUNT = 16;
  private static final int GOLDEN_RATIO = 0x9E3779B9;

  private final AtomicLongArray versions = new AtomicLongArray(COUNT);

  /** Returns a hash code that depends on the account's owner alone, spread over all bits. */
  static int hash(Account account) {
    int product = account.owner().hashCode() * GOLDEN_RATIO;
    return product ^ (product >>> Short.SIZE);
  }

  private static int index(int hash) {
    return hash & (COUNT - 1);
  }

  /** Returns the version for an owner's hash code; what is read afterwards is not older. */
  long of(int hash) {
    return versions.getAcquire(index(hash));
  }

  /** Says that the balances of an owner were changed. Called after that, under the lock. */
  void changed(int hash) {
    int index = index(hash);
    versions.setRelease(index, versions.getPlain(index) + 1);
  }

  /** Says that all may have changed. */
  void allChanged() {
    for (int hash = 0; hash < COUNT; hash++) {
      changed(hash);
    }
  }
}
