package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a policy sees while it decides: a view with the ledger's reservations added, each account
 * read once.
 *
 * <p>No lock is held meanwhile. Of every account the version is read first, then the reservations,
 * then the kernel's counter. If the versions are still the same under the lock when the decision is
 * applied, then each buffer was counted: one that is reserved at that moment was among the
 * reservations that were read, and one that is committed was so before the version was read, so
 * that the counter, read later, contains it. If they are not, the decision is void, and so are the
 * numbers that it was taken on.
 *
 * <p>One is used again and again, for one decision at a time: see {@link Admissions}.
 */
final class Admission implements AccountView {
  private static final int FIRST_ACCOUNTS = 4;

  private final Versions versions;
  private final Balances balances;
  private @Nullable AccountView view;
  private @Nullable Account[] accounts = new @Nullable Account[FIRST_ACCOUNTS];
  private int[] hashes = new int[FIRST_ACCOUNTS];
  private long[] seen = new long[FIRST_ACCOUNTS];
  private long[] used = new long[FIRST_ACCOUNTS];
  private int count;

  Admission(Versions versions, Balances balances) {
    this.versions = versions;
    this.balances = balances;
  }

  void open(AccountView of) {
    view = of;
  }

  /** Ends the use. A policy that kept it learns nothing more. */
  void close() {
    start();
    view = null;
  }

  /** Forgets what was read, for another decision. */
  Admission start() {
    count = 0;
    return this;
  }

  private <T> T inUse(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the view of a decision is not to be kept after it");
    }
    return part;
  }

  @Override
  public long usedPages(Account account) {
    for (int i = 0; i < count; i++) {
      if (account.equals(accounts[i])) {
        return used[i];
      }
    }
    if (count == used.length) {
      accounts = Arrays.copyOf(accounts, 2 * count);
      hashes = Arrays.copyOf(hashes, 2 * count);
      seen = Arrays.copyOf(seen, 2 * count);
      used = Arrays.copyOf(used, 2 * count);
    }
    // The same one as last time, mostly: this look costs less than a hash and a store in old
    // memory.
    if (!account.equals(accounts[count])) {
      accounts[count] = account;
      hashes[count] = Versions.hash(account);
    }
    int hash = hashes[count];
    long version = versions.of(hash);
    long reserved = balances.reserved(account, hash);
    long pages = Balance.saturatedSum(inUse(view).usedPages(account), reserved);
    seen[count] = version;
    used[count++] = pages;
    return pages;
  }

  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    return inUse(view).limitPages(account, charger);
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    return inUse(view).liftedBy(account, charger);
  }

  /** Returns whether all that was seen was true and still is. Asked under the ledger's lock. */
  boolean isValid() {
    for (int i = 0; i < count; i++) {
      if (versions.of(hashes[i]) != seen[i]) {
        return false;
      }
    }
    return true;
  }
}
