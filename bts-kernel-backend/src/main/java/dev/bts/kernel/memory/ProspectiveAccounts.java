package dev.bts.kernel.memory;

import dev.bts.api.BtsException;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import java.util.Optional;

/**
 * The accounts of processes that are yet to be started, beside those of processes and users that
 * are there. A new address space has nothing locked and nothing pinned, under limits that it
 * inherits.
 *
 * @param present the accounts of those that are there
 * @param inheritance what all processes that are yet to be started get
 */
public record ProspectiveAccounts(KernelAccounts present, Inheritance inheritance)
    implements AccountView {
  /** Returns a process that is yet to be started; different numbers, different processes. */
  public static TaskIdentity task(int number, Principal principal, AccountOwner.Group group) {
    return new TaskIdentity(new AccountOwner.AddressSpace(0, number), principal, group);
  }

  private static boolean isProspective(AccountOwner owner) {
    return owner instanceof AccountOwner.AddressSpace mm && mm.pid() == 0;
  }

  @Override
  public long usedPages(Account account) {
    if (!isProspective(account.owner())) {
      return present.usedPages(account);
    }
    if (account.kind() != Account.Kind.TOTAL_VM) {
      return 0;
    }
    if (inheritance.forked()) {
      return present.usedPages(Account.totalVm(KernelTasks.identify(inheritance.parent()).mm()));
    }
    throw new InvalidRequestException(
        new Explanation(
            "know " + account,
            "how much a program maps shows when it runs",
            "start it, and plan with --pid"));
  }

  /**
   * {@inheritDoc}
   *
   * @throws BtsException if it cannot be known
   */
  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    boolean ofParent =
        isProspective(account.owner())
            || (account.kind() == Account.Kind.USER_MEMLOCK && isProspective(charger.mm()));
    if (!ofParent) {
      return present.limitPages(account, charger);
    }
    Explanation unknown = inheritance.limitsUnknown();
    if (unknown != null) {
      throw new InvalidRequestException(unknown);
    }
    TaskIdentity parent = KernelTasks.identify(inheritance.parent());
    return present.limitPages(
        isProspective(account.owner()) ? new Account(account.kind(), parent.mm()) : account,
        parent);
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    if (!isProspective(charger.mm())) {
      return present.liftedBy(account, charger);
    }
    TaskIdentity parent = KernelTasks.identify(inheritance.parent());
    Optional<String> lifted = present.liftedBy(account, parent);
    boolean byIpcLock = lifted.filter(Account.CAP_IPC_LOCK::equals).isPresent();
    return byIpcLock && !inheritance.ipcLock() ? Optional.empty() : lifted;
  }
}
