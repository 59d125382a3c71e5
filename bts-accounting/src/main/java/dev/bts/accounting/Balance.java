package dev.bts.accounting;

import dev.bts.api.charging.Account;

/** What a ledger has on one account. Changed under the ledger's lock. */
final class Balance {
  final Account account;

  /** The account's {@link Versions#hash}. */
  final int hash;

  /** How many reservations and live receipts have pages here. */
  int holders;

  /** Pages that reservations hold. */
  long reserved;

  /** Pages that live receipts hold. */
  long charged;

  Balance(Account account, int hash) {
    this.account = account;
    this.hash = hash;
  }

  /** Returns the sum of a counter, which may be negative, and a total, which is not. */
  static long saturatedSum(long counter, long total) {
    return counter > Long.MAX_VALUE - total ? Long.MAX_VALUE : counter + total;
  }
}
