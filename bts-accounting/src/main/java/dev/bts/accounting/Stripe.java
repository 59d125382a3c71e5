package dev.bts.accounting;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The balances of some of the account owners, and a version that tells whether they have changed.
 *
 * <p>They are changed under the ledger's lock, and read without it by decisions under way. A
 * version never comes back. Who finds, under the lock, the version of an earlier moment knows that
 * what was read since is exact and has stayed so. Equal totals would not show that: a reservation
 * that came and was committed leaves them equal, and the kernel's counter not.
 */
final class Stripe {
  final Balances balances = new Balances();
  private final AtomicLong version = new AtomicLong();

  /** Returns the version; what is read afterwards is not older. */
  long version() {
    return version.getAcquire();
  }

  /** Says that the balances were changed. Called after that, under the lock. */
  void changed() {
    version.setRelease(version.getPlain() + 1);
  }
}
