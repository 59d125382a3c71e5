package dev.bts.sim;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.contract.Auditor;
import dev.bts.sim.kernel.AddressSpace;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Mapping;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.User;
import java.util.OptionalLong;

/** The counters of the modelled machine, without what programs have mapped for themselves. */
record MachineCounters(Machine machine) implements Auditor.Counters {
  @Override
  public OptionalLong pages(Account account) {
    AccountOwner owner = account.owner();
    if (owner instanceof AccountOwner.AddressSpace identity) {
      AddressSpace mm = machine.addressSpace(identity);
      return mm == null ? OptionalLong.empty() : OptionalLong.of(pages(account.kind(), mm));
    }
    if (owner instanceof AccountOwner.User identity) {
      User user = machine.memory().user(identity.principal());
      boolean perf = account.kind() == Account.Kind.USER_PERF;
      return OptionalLong.of(perf ? user.perfPages() : user.memlockPages());
    }
    return OptionalLong.of(machine.memory().group((AccountOwner.Group) owner).pages());
  }

  private static long pages(Account.Kind kind, AddressSpace mm) {
    return switch (kind) {
      case TOTAL_VM ->
          mm.totalPages()
              - mm.mappings().stream().filter(Mapping::inherited).mapToLong(Mapping::pages).sum();
      case LOCKED_VM -> mm.lockedPages();
      case PINNED_VM -> mm.pinnedPages();
      case USER_MEMLOCK, USER_PERF, GROUP_MEMORY -> throw new IllegalArgumentException();
    };
  }

  @Override
  public long limit(Account account) {
    AccountOwner owner = account.owner();
    if (owner instanceof AccountOwner.Group group) {
      return machine.memory().group(group).limitPages();
    }
    if (account.kind() == Account.Kind.USER_PERF) {
      return machine.memory().perfGiftPages();
    }
    // A user's limit is that of whoever charges: each session checks it, nobody has it here.
    Task task = owner instanceof AccountOwner.AddressSpace mm ? machine.userOf(mm) : null;
    if (task == null) {
      return AccountView.UNLIMITED;
    }
    return account.kind() == Account.Kind.TOTAL_VM
        ? task.group().limits().addressSpacePages()
        : task.group().limits().memlockPages();
  }
}
