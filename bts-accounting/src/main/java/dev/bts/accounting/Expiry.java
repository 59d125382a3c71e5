package dev.bts.accounting;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * When the reservations of a ledger expire, and which did.
 *
 * <p>Times are nanoseconds since the ledger was made. Changed under the ledger's lock.
 */
final class Expiry {
  /** A deadline that is never reached. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int REMEMBERED = 1024;

  private final Duration timeout;
  private final long timeoutNanos;
  private final LongSupplier clock;
  private final long origin;

  /** No reservation has an earlier deadline; there need not be one that has this. */
  private volatile long earliest = NEVER;

  private final Set<Long> expired = new LinkedHashSet<>();

  Expiry(Duration timeout, LongSupplier clock) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout: " + timeout);
    }
    this.timeout = timeout;
    this.clock = clock;
    boolean forEver = timeout.compareTo(Duration.ofNanos(NEVER)) >= 0;
    timeoutNanos = forEver ? NEVER : timeout.toNanos();
    origin = forEver ? 0 : clock.getAsLong();
  }

  Duration timeout() {
    return timeout;
  }

  long now() {
    return timeoutNanos == NEVER ? 0 : clock.getAsLong() - origin;
  }

  /** Returns whether some reservation may have to expire now. */
  boolean mayBeDue(long now) {
    return now >= earliest;
  }

  /** Returns the deadline of a reservation that is made now. */
  long deadline(long now) {
    if (timeoutNanos == NEVER) {
      return NEVER;
    }
    long deadline = Balance.saturatedSum(now, timeoutNanos);
    if (deadline < earliest) {
      earliest = deadline;
    }
    return deadline;
  }

  /** Sets the earliest deadline of those that are left. */
  void nextIs(long deadline) {
    earliest = deadline;
  }

  /** Remembers that a reservation expired. The oldest of very many is forgotten. */
  void expired(long id) {
    if (expired.size() == REMEMBERED) {
      expired.remove(expired.iterator().next());
    }
    expired.add(id);
  }

  boolean hasExpired(long id) {
    return expired.contains(id);
  }
}
