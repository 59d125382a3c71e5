package dev.bts.accounting;

import dev.bts.api.charging.Account;
import org.jspecify.annotations.Nullable;

/**
 * Balances by account.
 *
 * <p>A hash table with open addressing. A balance without holders stays, so that a buffer that
 * comes and goes allocates nothing, until the table is full: then they are all dropped. So it has
 * at most four times the room that the balances with holders ever needed.
 *
 * <p>One thread at a time may change it. {@link #reserved} may be called by others meanwhile: it
 * then ends and does not fail, but what it says is to be thrown away.
 */
final class Balances {
  private static final int FIRST_CAPACITY = 8;

  /** A power of two, at most half full. Readers see one table whole: a full one is replaced. */
  private volatile @Nullable Balance[] table = new @Nullable Balance[FIRST_CAPACITY];

  private int size;

  /** The one that was last asked for by who may change the table, in which it is; null at first. */
  private @Nullable Balance latest;

  private @Nullable Balance find(Account account, int hash) {
    @Nullable Balance[] current = table;
    int slot = home(hash, current);
    for (Balance there = current[slot]; there != null; there = current[slot]) {
      if (account.equals(there.account)) {
        return there;
      }
      slot = after(slot, current);
    }
    return null;
  }

  long reserved(Account account, int hash) {
    Balance balance = find(account, hash);
    return balance == null ? 0 : balance.reserved;
  }

  long charged(Account account, int hash) {
    Balance balance = find(account, hash);
    return balance == null ? 0 : balance.charged;
  }

  /** Returns the balance of an account, a new one without pages if there is none. */
  Balance findOrAdd(Account account) {
    Balance before = latest;
    if (before != null && account.equals(before.account)) {
      return before;
    }
    int hash = Versions.hash(account);
    Balance found = find(account, hash);
    if (found == null) {
      found = add(new Balance(account, hash));
    }
    latest = found;
    return found;
  }

  private Balance add(Balance balance) {
    if (2 * (size + 1) > table.length) {
      replace();
    }
    put(balance, table);
    size++;
    return balance;
  }

  /** Drops the balances without holders, and doubles the room if that does not make enough. */
  private void replace() {
    int held = 0;
    for (Balance balance : table) {
      held += balance != null && balance.holders > 0 ? 1 : 0;
    }
    boolean crowded = 4 * held >= table.length;
    @Nullable Balance[] next = new @Nullable Balance[crowded ? 2 * table.length : table.length];
    for (Balance balance : table) {
      if (balance != null && balance.holders > 0) {
        put(balance, next);
      }
    }
    table = next;
    size = held;
  }

  private static void put(Balance balance, @Nullable Balance[] table) {
    int slot = home(balance.hash, table);
    while (table[slot] != null) {
      slot = after(slot, table);
    }
    table[slot] = balance;
  }

  private static int home(int hash, @Nullable Balance[] table) {
    return hash & (table.length - 1);
  }

  private static int after(int slot, @Nullable Balance[] table) {
    return (slot + 1) & (table.length - 1);
  }
}
