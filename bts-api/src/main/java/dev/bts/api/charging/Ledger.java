package dev.bts.api.charging;

import dev.bts.api.ChargeRefusedException;
import java.util.List;

/**
 * The book of charges: applies plans in two phases and derives every refund from a receipt.
 *
 * <p>Reserve before you allocate, commit after, cancel on failure. A reservation counts against the
 * limit until it is resolved. Committed charges are not added to what a view says, because the
 * kernel's counter contains them already; between the kernel's charge and the commit a buffer is
 * counted twice, which errs on the side of refusal. A reservation that is not resolved within the
 * ledger's time expires, and holds nothing more, when somebody next wants pages or asks about them;
 * its time may start only when somebody first does. Safe for several threads.
 */
public interface Ledger {
  /**
   * Asks the policy and holds its charges, all or none. Policy and limit checks see the view plus
   * everything that other reservations hold. The policy is asked again if another reservation came
   * between; what holds is one whole decision.
   *
   * @param buffer what the pages are for
   * @throws ChargeRefusedException if the policy refuses
   */
  Reservation reserve(
      ChargingPolicy policy, ChargeRequest request, AccountView view, String buffer);

  /**
   * Turns a reservation into a receipt, once the memory exists and the kernel has charged it.
   *
   * @throws IllegalStateException if the reservation was already resolved, or has expired. Then the
   *     pages are not held, and the caller gives the memory back
   */
  Receipt commit(Reservation reservation);

  /**
   * Drops a reservation because the memory could not be had. If it has expired there is nothing to
   * drop.
   *
   * @throws IllegalStateException if the reservation was already resolved
   */
  void cancel(Reservation reservation);

  /**
   * Gives the pages of a receipt back to the accounts that paid.
   *
   * @return false if the receipt was refunded or handed over before
   * @throws IllegalArgumentException if the receipt is not of this ledger
   */
  boolean refund(Receipt receipt);

  /**
   * Takes over pages that the kernel has charged already, for a buffer whose own ledger is gone or
   * hands it over. No policy is asked, no limit is checked and no counter moves: who paid goes on
   * paying, and is refunded by this ledger from now on.
   *
   * @param policy the policy that chose the payer
   * @param buffer what the pages are for
   * @param pages how many pages the buffer has
   * @param charges the pages as they stand on the kernel's counters, one charge per account
   * @param liftedBy the capability that lifted a limit, empty if none did
   * @return a live receipt of this ledger
   * @throws IllegalArgumentException if an account is charged twice
   */
  Receipt adopt(String policy, String buffer, long pages, List<Charge> charges, String liftedBy);

  /**
   * Lets a receipt go without a refund: its pages stay charged, and another ledger adopts them.
   *
   * @return false if the receipt was refunded or handed over before; then it must not be adopted
   * @throws IllegalArgumentException if the receipt is not of this ledger
   */
  boolean handOver(Receipt receipt);

  /** Returns the pages that live receipts hold on an account. */
  long chargedPages(Account account);

  /** Returns the pages that unresolved reservations hold on an account. */
  long reservedPages(Account account);

  /** Returns the receipts that are neither refunded nor handed over, in order of their ids. */
  List<Receipt> liveReceipts();

  /** Returns the newest journal entries, oldest first; the journal is bounded. */
  List<JournalEntry> journal();

  /**
   * Charges that are held but not yet made.
   *
   * @param receipt what it becomes when it is committed; before that it is no receipt
   */
  record Reservation(Receipt receipt) {
    /** Returns the plan that is held. */
    public ChargePlan.Admitted plan() {
      return new ChargePlan.Admitted(receipt.charges(), receipt.liftedBy());
    }
  }

  /** What a journal entry records. */
  enum Movement {
    /** A plan was admitted and is held. */
    RESERVED,
    /** A plan was refused. */
    REFUSED,
    /** A reservation became a receipt. */
    COMMITTED,
    /** A reservation was dropped. */
    CANCELLED,
    /** A reservation was not resolved in time and was dropped. */
    EXPIRED,
    /** A receipt was refunded. */
    REFUNDED,
    /** Pages that were charged before became a receipt. */
    ADOPTED,
    /** A receipt left for another ledger, its pages stay charged. */
    HANDED_OVER
  }

  /**
   * One line of the journal.
   *
   * @param sequence counts from 1
   * @param movement what happened
   * @param id the reservation's or receipt's id, 0 for a refusal
   * @param buffer what it was for
   * @param charges the pages, empty for a refusal
   */
  record JournalEntry(
      long sequence, Movement movement, long id, String buffer, List<Charge> charges) {}
}
