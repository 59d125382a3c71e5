package dev.bts.kernel.memory;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * By how many pages the kernel moves some accounts between two moments.
 *
 * <p>Locked pages are counted by the kernel's counters. The total_vm of a busy process and the
 * memory of a busy group move by themselves, and the kernel counts the latter in batches for each
 * CPU: of these the size of the buffer in question is taken, as the kernel shows it.
 */
final class KernelMovement {
  private final KernelAccounts accounts;
  private final Map<Account, OptionalLong> before = new HashMap<>();

  /** Reads the accounts of some charges, of which {@code mappedPages} are mapped now. */
  KernelMovement(KernelAccounts accounts, List<Charge> charges, long mappedPages) {
    this.accounts = accounts;
    for (Charge charge : charges) {
      before.put(charge.account(), read(charge.account(), mappedPages));
    }
  }

  /** Returns how far each account has moved; empty where it cannot be measured exactly. */
  Map<Account, OptionalLong> until(long mappedPages) {
    Map<Account, OptionalLong> moved = new HashMap<>();
    before.forEach(
        (account, from) -> {
          OptionalLong to = read(account, mappedPages);
          moved.put(
              account,
              from.isPresent() && to.isPresent()
                  ? OptionalLong.of(to.getAsLong() - from.getAsLong())
                  : OptionalLong.empty());
        });
    return moved;
  }

  /** Returns whether the size of a buffer is what it holds on an account, locked or not. */
  static boolean isSize(Account account) {
    return account.kind() == Account.Kind.TOTAL_VM || account.kind() == Account.Kind.GROUP_MEMORY;
  }

  private OptionalLong read(Account account, long mappedPages) {
    return isSize(account) ? OptionalLong.of(mappedPages) : accounts.exactlyUsedPages(account);
  }
}
