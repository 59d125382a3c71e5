package dev.bts.accounting;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When the reservations of a ledger expire, and which did.
 *
 * <p>The time of a reservation starts when it is made. If it is the only one, it starts when
 * somebody else next asks: until then it stands in nobody's way, and a charge that nobody disturbs
 * need not read the clock.
 *
 * <p>Times are nanoseconds since the ledger was made. Changed under the ledger's lock.
 */
final class Expiry {
  /** A deadline that is never reached. */
  static final long NEVER = Long.MAX_VALUE;

  /** The time that nobody has asked for. */
  static final long UNKNOWN = -1;

  private static final int REMEMBERED = 1024;

  private final Duration timeout;
  private final long timeoutNanos;
  private final LongSupplier clock;
  private final long origin;

  /** No reservation has an earlier deadline; there need not be one that has this. */
  private volatile long earliest = NEVER;

  /** How many reservations are open. Read without the lock, too, where it may be late. */
  private int open;

  /** The reservation whose time has not started. */
  private @Nullable Held waiting;

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

  private long now() {
    return timeoutNanos == NEVER ? 0 : clock.getAsLong() - origin;
  }

  /** Returns what time it is, {@link #UNKNOWN} if there is nothing that could expire. */
  long look() {
    return open == 0 ? UNKNOWN : now();
  }

  /** Returns whether some reservation may have to expire now. */
  boolean mayBeDue(long now) {
    return now >= earliest;
  }

  /**
   * Lets the time of a reservation that waits for that start.
   *
   * @param now what time it is, if known
   * @return what time it is, {@link #UNKNOWN} if there is nothing that could expire
   */
  long start(long now) {
    if (open == 0) {
      return UNKNOWN;
    }
    // A time of before would be too early for one that has been made since.
    long known = now == UNKNOWN || waiting != null ? now() : now;
    if (waiting != null) {
      waiting.deadline = deadline(known);
      waiting = null;
    }
    return known;
  }

  /**
   * Adds a reservation.
   *
   * @param now what {@link #start} said
   */
  void opened(Held reservation, long now) {
    if (now == UNKNOWN) {
      reservation.deadline = NEVER;
      waiting = reservation;
    } else {
      reservation.deadline = deadline(now);
    }
    open++;
  }

  /** Removes a reservation that became a receipt or was dropped. */
  void resolved(Held reservation) {
    if (waiting == reservation) {
      waiting = null;
    }
    open--;
  }

  private long deadline(long now) {
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
