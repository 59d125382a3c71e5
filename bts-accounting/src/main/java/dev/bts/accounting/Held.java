package dev.bts.accounting;

import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.Ledger.Reservation;
import dev.bts.api.charging.Receipt;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a ledger holds for one buffer: first a reservation, then the receipt it becomes. */
final class Held {
  private static final int FIRST_CHARGES = 2;
  private static final ChargePlan.Admitted NOTHING = new ChargePlan.Admitted(List.of(), "");

  long id;
  String policy = "";
  String buffer = "";
  long pages;
  ChargePlan.Admitted plan = NOTHING;

  /** The balances that the plan's charges are on; those of no pages are on none. */
  private @Nullable Balance[] balances = new @Nullable Balance[FIRST_CHARGES];

  private long[] amounts = new long[FIRST_CHARGES];
  private int charges;

  /** When the reservation expires, in nanoseconds since the ledger was made. */
  long deadline;

  /** Null as long as it is a reservation. */
  @Nullable Receipt receipt;

  /** The next one in the same chain of a {@link HeldTable}. */
  @Nullable Held next;

  boolean isReservation(Reservation reservation) {
    return receipt == null
        && policy.equals(reservation.policy())
        && buffer.equals(reservation.buffer())
        && pages == reservation.pages()
        && plan.equals(reservation.plan());
  }

  /** Says that so many pages are on a balance. */
  void put(Balance balance, long amount) {
    if (charges == amounts.length) {
      balances = Arrays.copyOf(balances, 2 * charges);
      amounts = Arrays.copyOf(amounts, 2 * charges);
    }
    balance.holders++;
    balances[charges] = balance;
    amounts[charges++] = amount;
  }

  /** Returns on how many balances there are pages. */
  int charges() {
    return charges;
  }

  Balance balance(int charge) {
    return Objects.requireNonNull(balances[charge]);
  }

  /** Adds the plan's pages, times a sign, to what is reserved. */
  void moveReserved(int sign) {
    for (int i = 0; i < charges; i++) {
      balance(i).reserved += sign * amounts[i];
    }
  }

  /** Adds the plan's pages, times a sign, to what is charged. */
  void moveCharged(int sign) {
    for (int i = 0; i < charges; i++) {
      balance(i).charged += sign * amounts[i];
    }
  }

  /** Makes it a receipt. */
  Receipt makeReceipt() {
    Receipt made = new Receipt(id, policy, buffer, pages, plan.charges(), plan.liftedBy());
    receipt = made;
    return made;
  }

  /** Prepares for another use, which sets the rest. */
  void forget() {
    for (int i = 0; i < charges; i++) {
      balance(i).holders--;
      balances[i] = null;
    }
    charges = 0;
    receipt = null;
    next = null;
  }
}
