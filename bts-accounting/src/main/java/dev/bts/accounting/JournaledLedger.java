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
import dev.bts.api.charging.TaskIdentity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The {@link Ledger} of one process, with a bounded journal of what it did.
 *
 * <p>A reservation and the receipt it becomes have one id, so that the journal tells the story of a
 * buffer. Ids are never used twice: a receipt whose id is no longer live was refunded, which is how
 * a second refund is known without keeping old receipts.
 *
 * <p>One lock guards everything and is held while the policy decides and the view reads its
 * counters: of two sessions that both find the last page free, one gets it. Memory is bounded by
 * the number of live buffers and the length of the journal.
 */
public final class JournaledLedger implements Ledger {
  /** How many journal entries are kept unless said otherwise. */
  public static final int DEFAULT_JOURNAL_ENTRIES = 1024;

  private final Object lock = new Object();
  private final int journalEntries;
  private final ArrayDeque<JournalEntry> journal = new ArrayDeque<>();
  private final Map<Long, Reservation> open = new HashMap<>();
  private final TreeMap<Long, Receipt> live = new TreeMap<>();
  private final PageTotals reserved = new PageTotals();
  private final PageTotals charged = new PageTotals();
  private long lastId;
  private long lastSequence;

  /** Creates an empty ledger that keeps {@link #DEFAULT_JOURNAL_ENTRIES} journal entries. */
  public JournaledLedger() {
    this(DEFAULT_JOURNAL_ENTRIES);
  }

  /**
   * Creates an empty ledger.
   *
   * @param journalEntries how many journal entries are kept, at least one
   */
  public JournaledLedger(int journalEntries) {
    if (journalEntries < 1) {
      throw new IllegalArgumentException("journalEntries: " + journalEntries);
    }
    this.journalEntries = journalEntries;
  }

  @Override
  public Reservation reserve(
      ChargingPolicy policy, ChargeRequest request, AccountView view, String buffer) {
    synchronized (lock) {
      ChargePlan plan = policy.plan(request, new ViewWithReservations(view));
      if (plan instanceof ChargePlan.Refused refused) {
        enter(Movement.REFUSED, 0, buffer, List.of());
        throw new ChargeRefusedException(refused.refusal());
      }
      ChargePlan.Admitted admitted = (ChargePlan.Admitted) plan;
      reserved.add(admitted.charges());
      Reservation reservation =
          new Reservation(++lastId, policy.name(), buffer, request.pages(), admitted);
      open.put(reservation.id(), reservation);
      enter(Movement.RESERVED, reservation.id(), buffer, admitted.charges());
      return reservation;
    }
  }

  @Override
  public Receipt commit(Reservation reservation) {
    synchronized (lock) {
      checkOpen(reservation);
      List<Charge> charges = reservation.plan().charges();
      charged.add(charges);
      close(reservation);
      Receipt receipt =
          new Receipt(
              reservation.id(),
              reservation.policy(),
              reservation.buffer(),
              reservation.pages(),
              charges,
              reservation.plan().liftedBy());
      live.put(receipt.id(), receipt);
      enter(Movement.COMMITTED, receipt.id(), receipt.buffer(), charges);
      return receipt;
    }
  }

  @Override
  public void cancel(Reservation reservation) {
    synchronized (lock) {
      checkOpen(reservation);
      close(reservation);
      enter(
          Movement.CANCELLED, reservation.id(), reservation.buffer(), reservation.plan().charges());
    }
  }

  @Override
  public boolean refund(Receipt receipt) {
    return release(receipt, Movement.REFUNDED);
  }

  @Override
  public Receipt adopt(
      String policy, String buffer, long pages, List<Charge> charges, String liftedBy) {
    // A plan is where "one charge per account" is checked.
    ChargePlan.Admitted plan = new ChargePlan.Admitted(charges, liftedBy);
    synchronized (lock) {
      charged.add(plan.charges());
      Receipt receipt = new Receipt(++lastId, policy, buffer, pages, plan.charges(), liftedBy);
      live.put(receipt.id(), receipt);
      enter(Movement.ADOPTED, receipt.id(), buffer, receipt.charges());
      return receipt;
    }
  }

  @Override
  public boolean handOver(Receipt receipt) {
    return release(receipt, Movement.HANDED_OVER);
  }

  private boolean release(Receipt receipt, Movement movement) {
    synchronized (lock) {
      Receipt held = live.get(receipt.id());
      if (held == null) {
        if (receipt.id() < 1 || receipt.id() > lastId || open.containsKey(receipt.id())) {
          throw notOfThisLedger(receipt);
        }
        return false;
      }
      if (!held.equals(receipt)) {
        throw notOfThisLedger(receipt);
      }
      live.remove(held.id());
      charged.subtract(held.charges());
      enter(movement, held.id(), held.buffer(), held.charges());
      return true;
    }
  }

  @Override
  public long chargedPages(Account account) {
    synchronized (lock) {
      return charged.of(account);
    }
  }

  @Override
  public long reservedPages(Account account) {
    synchronized (lock) {
      return reserved.of(account);
    }
  }

  @Override
  public List<Receipt> liveReceipts() {
    synchronized (lock) {
      return new ArrayList<>(live.values());
    }
  }

  @Override
  public List<JournalEntry> journal() {
    synchronized (lock) {
      return new ArrayList<>(journal);
    }
  }

  private void checkOpen(Reservation reservation) {
    if (!reservation.equals(open.get(reservation.id()))) {
      throw new IllegalStateException(
          "reservation "
              + reservation.id()
              + " for "
              + reservation.buffer()
              + " is not open in this ledger: it was committed or cancelled before");
    }
  }

  private void close(Reservation reservation) {
    open.remove(reservation.id());
    reserved.subtract(reservation.plan().charges());
  }

  private static IllegalArgumentException notOfThisLedger(Receipt receipt) {
    return new IllegalArgumentException("not a receipt of this ledger: " + receipt);
  }

  private void enter(Movement movement, long id, String buffer, List<Charge> charges) {
    if (journal.size() == journalEntries) {
      journal.removeFirst();
    }
    journal.addLast(new JournalEntry(++lastSequence, movement, id, buffer, charges));
  }

  /** A view with this ledger's reservations added, each account read once. */
  private final class ViewWithReservations implements AccountView {
    private final AccountView view;
    private final Map<Account, Long> used = new HashMap<>();

    ViewWithReservations(AccountView view) {
      this.view = view;
    }

    @Override
    public long usedPages(Account account) {
      return used.computeIfAbsent(
          account, a -> PageTotals.saturatedSum(view.usedPages(a), reserved.of(a)));
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      return view.limitPages(account, charger);
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return view.liftedBy(account, charger);
    }
  }
}
