package dev.bts.accounting;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The {@link Ledger} of one process, with a bounded journal of what it did.
 *
 * <p>A reservation and the receipt it becomes have one id, so that the journal tells the story of a
 * buffer. Ids are never used twice: a receipt whose id is no longer live was refunded or handed
 * over, which is how a second refund is known without keeping old receipts.
 *
 * <p>A policy decides without any lock, because its view may take long to read. What it saw is
 * checked under the lock when the decision is applied, and if another reservation was made or
 * resolved on the same owners' accounts meanwhile, the policy is asked again ({@link Admission}
 * says why that suffices): of two sessions that both find the last page free, one gets it. After
 * {@value #OPTIMISTIC_DECISIONS} such disturbances the policy is asked once more under the lock, so
 * that it always ends. Everything else holds the lock for a moment only.
 *
 * <p>A reservation that is not resolved in time expires when somebody next wants pages or asks
 * about reservations; no thread waits for that, and a commit that is late harms nobody before. The
 * time of one that is alone starts when somebody else asks ({@link Expiry} says why). Memory is
 * bounded by the number of live buffers and the length of the journal.
 */
public final class JournaledLedger implements Ledger {
  /** How many journal entries are kept unless said otherwise. */
  public static final int DEFAULT_JOURNAL_ENTRIES = 1024;

  /** How long a reservation holds unless said otherwise: locking pages takes far less. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);

  private static final int OPTIMISTIC_DECISIONS = 8;

  private final Object lock = new Object();
  private final Versions versions = new Versions();
  private final Balances balances = new Balances();
  private final Admissions admissions = new Admissions(versions, balances);
  private final HeldTable held = new HeldTable();
  private final JournalRing journal;
  private final Expiry expiry;
  private long lastId;

  /** Creates an empty ledger that keeps {@link #DEFAULT_JOURNAL_ENTRIES} journal entries. */
  public JournaledLedger() {
    this(DEFAULT_JOURNAL_ENTRIES);
  }

  /**
   * Creates an empty ledger whose reservations hold for {@link #DEFAULT_TIMEOUT}.
   *
   * @param journalEntries how many journal entries are kept, at least one
   */
  public JournaledLedger(int journalEntries) {
    this(journalEntries, DEFAULT_TIMEOUT, System::nanoTime);
  }

  /**
   * Creates an empty ledger.
   *
   * @param journalEntries how many journal entries are kept, at least one
   * @param timeout how long a reservation holds, more than zero; a duration of more than a long of
   *     nanoseconds is for ever, and then the clock is not read
   * @param clock nanoseconds since any moment, never going back, like {@link System#nanoTime}
   */
  public JournaledLedger(int journalEntries, Duration timeout, LongSupplier clock) {
    if (journalEntries < 1) {
      throw new IllegalArgumentException("journalEntries: " + journalEntries);
    }
    journal = new JournalRing(journalEntries);
    expiry = new Expiry(timeout, clock);
  }

  /** So small that the reservation of who commits it at once is never allocated. */
  @Override
  public Reservation reserve(
      ChargingPolicy policy, ChargeRequest request, AccountView view, String buffer) {
    return new Reservation(decide(policy, request, view, buffer));
  }

  private Receipt decide(
      ChargingPolicy policy, ChargeRequest request, AccountView view, String buffer) {
    long now = expiry.look();
    if (expiry.mayBeDue(now)) {
      synchronized (lock) {
        dropDue(now);
      }
    }
    Admission admission = admissions.open(view);
    try {
      for (int i = 0; i < OPTIMISTIC_DECISIONS; i++) {
        ChargePlan plan = policy.plan(request, admission.start());
        synchronized (lock) {
          if (admission.isValid()) {
            return apply(plan, policy.name(), request, buffer, now);
          }
        }
      }
      synchronized (lock) {
        ChargePlan plan = policy.plan(request, admission.start());
        return apply(plan, policy.name(), request, buffer, now);
      }
    } finally {
      admissions.close(admission);
    }
  }

  private Receipt apply(
      ChargePlan plan, String policy, ChargeRequest request, String buffer, long asked) {
    long now = expiry.start(asked);
    if (plan instanceof ChargePlan.Refused refused) {
      journal.enter(Movement.REFUSED, new Receipt(0, policy, buffer, 0, List.of(), ""));
      throw new ChargeRefusedException(refused.refusal());
    }
    ChargePlan.Admitted admitted = (ChargePlan.Admitted) plan;
    Held reserved = hold(policy, buffer, request.pages(), admitted);
    expiry.opened(reserved, now);
    reserved.move(1, 0, versions);
    journal.enter(Movement.RESERVED, reserved.receipt);
    return reserved.receipt;
  }

  /**
   * Holds a plan under a new id, without pages as yet.
   *
   * @throws ArithmeticException if with them an account had more than a long holds; nothing is held
   */
  private Held hold(String policy, String buffer, long pages, ChargePlan.Admitted plan) {
    long id = ++lastId;
    Held added = held.add(id);
    added.receipt = new Receipt(id, policy, buffer, pages, plan.charges(), plan.liftedBy());
    boolean fits = false;
    try {
      added.put(balances);
      fits = true;
      return added;
    } finally {
      if (!fits) {
        held.remove(added);
      }
    }
  }

  @Override
  public Receipt commit(Reservation reservation) {
    return commit(reservation.receipt());
  }

  private Receipt commit(Receipt reserved) {
    synchronized (lock) {
      Held open = open(reserved);
      open.move(-1, 1, versions);
      open.isCommitted = true;
      expiry.resolved(open);
      journal.enter(Movement.COMMITTED, open.receipt);
      return open.receipt;
    }
  }

  @Override
  public void cancel(Reservation reservation) {
    synchronized (lock) {
      Receipt reserved = reservation.receipt();
      if (!expiry.hasExpired(reserved.id())) {
        drop(open(reserved), Movement.CANCELLED);
      }
    }
  }

  private Held open(Receipt reserved) {
    Held open = held.find(reserved.id());
    if (open == null || !open.isReservation(reserved)) {
      throw new IllegalStateException(
          "reservation "
              + reserved.id()
              + " for "
              + reserved.buffer()
              + (expiry.hasExpired(reserved.id())
                  ? " has expired: it was not committed within "
                      + expiry.timeout()
                      + ", its pages are not held any more; give the memory back and reserve again"
                  : " is not open in this ledger: it was committed or cancelled before"));
    }
    return open;
  }

  private void drop(Held reservation, Movement movement) {
    reservation.move(-1, 0, versions);
    expiry.resolved(reservation);
    journal.enter(movement, reservation.receipt);
    held.remove(reservation);
  }

  @Override
  public boolean refund(Receipt receipt) {
    return release(receipt, Movement.REFUNDED);
  }

  @Override
  public boolean handOver(Receipt receipt) {
    return release(receipt, Movement.HANDED_OVER);
  }

  private boolean release(Receipt receipt, Movement movement) {
    synchronized (lock) {
      Held live = held.find(receipt.id());
      boolean wasGiven = receipt.id() >= 1 && receipt.id() <= lastId;
      if (live == null ? !wasGiven : !live.isCommitted || !receipt.equals(live.receipt)) {
        throw new IllegalArgumentException("not a receipt of this ledger: " + receipt);
      }
      if (live == null) {
        return false;
      }
      live.move(0, -1, versions);
      journal.enter(movement, live.receipt);
      held.remove(live);
      return true;
    }
  }

  @Override
  public Receipt adopt(
      String policy, String buffer, long pages, List<Charge> charges, String liftedBy) {
    // A plan is where "one charge per account" is checked.
    ChargePlan.Admitted plan = new ChargePlan.Admitted(charges, liftedBy);
    synchronized (lock) {
      Held adopted = hold(policy, buffer, pages, plan);
      adopted.move(0, 1, versions);
      adopted.isCommitted = true;
      journal.enter(Movement.ADOPTED, adopted.receipt);
      return adopted.receipt;
    }
  }

  @Override
  public long chargedPages(Account account) {
    int hash = Versions.hash(account);
    synchronized (lock) {
      return balances.charged(account, hash);
    }
  }

  /** Disturbs the decisions under way, so that none of them can seem to come before it. */
  @Override
  public long reservedPages(Account account) {
    int hash = Versions.hash(account);
    synchronized (lock) {
      expire();
      versions.changed(hash);
      return balances.reserved(account, hash);
    }
  }

  @Override
  public List<Receipt> liveReceipts() {
    List<Receipt> live = new ArrayList<>();
    synchronized (lock) {
      held.forEach(
          each -> {
            if (each.isCommitted) {
              live.add(each.receipt);
            }
          });
    }
    live.sort(Comparator.comparingLong(Receipt::id));
    return live;
  }

  /** Disturbs the decisions under way, so that none of them can seem to come before it. */
  @Override
  public List<JournalEntry> journal() {
    synchronized (lock) {
      expire();
      versions.allChanged();
      return journal.entries();
    }
  }

  private void expire() {
    long now = expiry.start(Expiry.UNKNOWN);
    if (expiry.mayBeDue(now)) {
      dropDue(now);
    }
  }

  private void dropDue(long now) {
    List<Held> open = new ArrayList<>();
    held.forEach(
        each -> {
          if (!each.isCommitted) {
            open.add(each);
          }
        });
    open.sort(Comparator.comparingLong(each -> each.id));
    long next = Expiry.NEVER;
    for (Held each : open) {
      if (each.deadline <= now) {
        expiry.expired(each.id);
        drop(each, Movement.EXPIRED);
      } else {
        next = Math.min(next, each.deadline);
      }
    }
    expiry.nextIs(next);
  }
}
