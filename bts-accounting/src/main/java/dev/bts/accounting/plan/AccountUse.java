package dev.bts.accounting.plan;

import dev.bts.api.Explanation;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import org.jspecify.annotations.Nullable;

/**
 * An account that would be charged, or several that are alike: those of processes that are yet to
 * be started have no name of their own.
 *
 * @param account the account, the first where there are several
 * @param payer what to call its owner
 * @param accounts how many accounts these are
 * @param usedPages what is on each of them now, 0 where it is not known
 * @param limitPages the limit of each, {@link AccountView#UNLIMITED} where there is none or it is
 *     not known
 * @param chargedPages what would be charged to each
 * @param usedUnknown why the use is not known, null if it is
 * @param limitUnknown why the limit is not known, null if it is
 */
public record AccountUse(
    Account account,
    String payer,
    int accounts,
    long usedPages,
    long limitPages,
    long chargedPages,
    @Nullable Explanation usedUnknown,
    @Nullable Explanation limitUnknown) {
  /** Returns whether there is no limit, and that is known. */
  public boolean isUnlimited() {
    return limitUnknown == null && limitPages == AccountView.UNLIMITED;
  }

  /** Returns whether another one is of the same kind, with the same numbers, for the same name. */
  boolean isLike(AccountUse other) {
    return account.kind() == other.account.kind()
        && new AccountUse(
                account,
                other.payer,
                accounts,
                other.usedPages,
                other.limitPages,
                other.chargedPages,
                other.usedUnknown,
                other.limitUnknown)
            .equals(this);
  }

  AccountUse oneMore() {
    return new AccountUse(
        account,
        payer,
        accounts + 1,
        usedPages,
        limitPages,
        chargedPages,
        usedUnknown,
        limitUnknown);
  }
}
