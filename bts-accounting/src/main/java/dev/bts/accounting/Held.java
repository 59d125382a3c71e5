package dev.bts.accounting;

import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a ledger holds for one buffer: first a reservation, then the receipt it becomes. */
final class Held {
  private static final int FIRST_CHARGES = 2;
  private static final Receipt NOTHING = new Receipt(0, "", "", 0, List.of(), "");

  long id;

  /** What it is, or becomes when it is committed. */
  Receipt receipt = NOTHING;

  boolean isCommitted;

  /** The balances that the charges are on; those of no pages are on none. */
  private @Nullable Balance[] balances = new @Nullable Balance[FIRST_CHARGES];

  private long[] amounts = new long[FIRST_CHARGES];
  private int charges;

  /** When the reservation expires, in nanoseconds since the ledger was made. */
  long deadline;

  /** The next one in the same chain of a {@link HeldTable}. */
  @Nullable Held next;

  boolean isReservation(Receipt reserved) {
    return !isCommitted && receipt.equals(reserved);
  }

  /**
   * Finds the balances of the charges.
   *
   * @throws ArithmeticException if with them an account had more than a long holds
   */
  void put(Balances on) {
    List<Charge> all = receipt.charges();
    for (int i = 0; i < all.size(); i++) {
      Charge charge = all.get(i);
      if (charge.pages() != 0) {
        Balance balance = on.findOrAdd(charge.account());
        put(balance, charge.pages());
        Math.addExact(Math.addExact(balance.reserved, balance.charged), charge.pages());
      }
    }
  }

  private void put(Balance balance, long amount) {
    if (charges == amounts.length) {
      balances = Arrays.copyOf(balances, 2 * charges);
      amounts = Arrays.copyOf(amounts, 2 * charges);
    }
    balance.holders++;
    balances[charges] = balance;
    amounts[charges++] = amount;
  }

  /**
   * Adds the pages to what the accounts have, and lets decisions under way know.
   *
   * @param reserved 1 to add them to what is reserved, -1 to take them away, 0 for neither
   * @param charged the same for what is charged
   */
  void move(int reserved, int charged, Versions versions) {
    for (int i = 0; i < charges; i++) {
      Balance balance = Objects.requireNonNull(balances[i]);
      balance.reserved += reserved * amounts[i];
      balance.charged += charged * amounts[i];
      versions.changed(balance.hash);
    }
  }

  /** Prepares for another use, which overwrites what it still refers to. */
  void forget() {
    for (int i = 0; i < charges; i++) {
      Objects.requireNonNull(balances[i]).holders--;
    }
    charges = 0;
    isCommitted = false;
  }
}
