package dev.bts.accounting.buffers;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;

/** A view in which everything is free: what a policy answers to it tells who would pay. */
final class UnlimitedView implements AccountView {
  @Override
  public long usedPages(Account account) {
    return 0;
  }

  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    return UNLIMITED;
  }

  @Override
  public boolean mayExceedMemlock(TaskIdentity task) {
    return false;
  }
}
