package dev.bts.sim;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;
import java.util.Optional;

/**
 * The accounts of the modelled machine, and of processes that a task of it is yet to start: those
 * have nothing mapped and the limits and capabilities of that task.
 */
record MachineProspect(MachineView present, TaskIdentity parent) implements AccountView {
  /** Returns a process that is yet to be started; different numbers, different processes. */
  TaskIdentity child(int number) {
    return new TaskIdentity(
        new AccountOwner.AddressSpace(0, number), parent.principal(), parent.group());
  }

  private static boolean isProspective(AccountOwner owner) {
    return owner instanceof AccountOwner.AddressSpace mm && mm.pid() == 0;
  }

  @Override
  public long usedPages(Account account) {
    return isProspective(account.owner()) ? 0 : present.usedPages(account);
  }

  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    return isProspective(account.owner())
        ? present.limitPages(new Account(account.kind(), parent.mm()), parent)
        : present.limitPages(account, charger);
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    return present.liftedBy(account, isProspective(charger.mm()) ? parent : charger);
  }
}
