package dev.bts.accounting;

import dev.bts.api.charging.Account;

/**
 * The stripes of a ledger, over which the owners of accounts are spread, so that sessions with
 * different payers seldom disturb each other.
 */
final class Stripes {
  private static final int COUNT = 16;
  private static final int GOLDEN_RATIO = 0x9E3779B9;

  private final Stripe[] stripes = new Stripe[COUNT];

  Stripes() {
    for (int i = 0; i < COUNT; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** Returns a hash code that depends on the account's owner alone, spread over all bits. */
  static int hash(Account account) {
    int product = account.owner().hashCode() * GOLDEN_RATIO;
    return product ^ (product >>> Short.SIZE);
  }

  Stripe of(int hash) {
    return stripes[hash & (COUNT - 1)];
  }

  /** Says that all may have changed. */
  void allChanged() {
    for (Stripe stripe : stripes) {
      stripe.changed();
    }
  }
}
