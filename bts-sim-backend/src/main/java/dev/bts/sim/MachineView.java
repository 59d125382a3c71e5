package dev.bts.sim;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.sim.kernel.AddressSpace;
import dev.bts.sim.kernel.Capability;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.Task;
import java.util.Optional;

/**
 * The accounts of the modelled machine as a policy may see them. Accounts that the model does not
 * have are empty and without a limit; a plan that charges one is refused when it is placed.
 */
final class MachineView implements AccountView {
  private final Machine machine;
  private final boolean strict;

  /**
   * Looks at a machine.
   *
   * @param strict charges are made without CAP_IPC_LOCK
   */
  MachineView(Machine machine, boolean strict) {
    this.machine = machine;
    this.strict = strict;
  }

  @Override
  public long usedPages(Account account) {
    synchronized (machine) {
      AccountOwner owner = account.owner();
      if (owner instanceof AccountOwner.AddressSpace identity) {
        AddressSpace mm = machine.addressSpace(identity);
        return mm == null ? 0 : usedPages(account.kind(), mm);
      }
      if (owner instanceof AccountOwner.User identity) {
        return switch (account.kind()) {
          case USER_MEMLOCK -> machine.memory().user(identity.principal()).memlockPages();
          case USER_PERF -> machine.memory().perfUser(identity.principal()).perfPages();
          case TOTAL_VM, LOCKED_VM, PINNED_VM, GROUP_MEMORY -> 0;
        };
      }
      return account.kind() == Account.Kind.GROUP_MEMORY
              && owner instanceof AccountOwner.Group group
          ? machine.memory().group(group).pages()
          : 0;
    }
  }

  private static long usedPages(Account.Kind kind, AddressSpace mm) {
    return switch (kind) {
      case TOTAL_VM -> mm.totalPages();
      case LOCKED_VM -> mm.lockedPages();
      case PINNED_VM -> mm.pinnedPages();
      case USER_MEMLOCK, USER_PERF, GROUP_MEMORY -> 0;
    };
  }

  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    synchronized (machine) {
      AccountOwner owner = account.owner();
      if (owner instanceof AccountOwner.Group group) {
        return machine.memory().group(group).limitPages();
      }
      Task task = machine.userOf(owner instanceof AccountOwner.AddressSpace mm ? mm : charger.mm());
      if (task == null) {
        return 0;
      }
      ResourceLimits limits = task.group().limits();
      return switch (account.kind()) {
        case TOTAL_VM -> limits.addressSpacePages();
        case LOCKED_VM, PINNED_VM, USER_MEMLOCK -> limits.memlockPages();
        case USER_PERF -> machine.memory().perfGiftPages();
        case GROUP_MEMORY -> UNLIMITED;
      };
    }
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    synchronized (machine) {
      Task task = machine.userOf(charger.mm());
      boolean lifted =
          account.kind().liftedByIpcLock()
              && !strict
              && task != null
              && task.credentials().has(Capability.CAP_IPC_LOCK);
      return lifted ? Optional.of(Account.CAP_IPC_LOCK) : Optional.empty();
    }
  }
}
