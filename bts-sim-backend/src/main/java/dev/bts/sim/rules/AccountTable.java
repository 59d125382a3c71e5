package dev.bts.sim.rules;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;

/**
 * The accounts and tasks of the bounded machine as policies know them: the number of each account,
 * and the requests that tasks can make.
 */
final class AccountTable {
  private static final int FIRST_UID = 1000;

  private static final String TOP_GROUP = "/g";

  /** In the order of {@link Shape}'s accounts of an address space. */
  private static final List<Account.Kind> MM_KINDS =
      List.of(Account.Kind.TOTAL_VM, Account.Kind.LOCKED_VM, Account.Kind.PINNED_VM);

  private final Shape shape;
  private final Account[] accounts;
  private final AccountOwner.Group[] groups;

  AccountTable(Shape shape) {
    this.shape = shape;
    groups = new AccountOwner.Group[shape.groups];
    for (int group = 0; group < shape.groups; group++) {
      groups[group] = new AccountOwner.Group(TOP_GROUP + (group == 0 ? "" : "/" + group));
    }
    accounts = new Account[shape.accounts];
    for (int account = 0; account < shape.accounts; account++) {
      accounts[account] = make(account);
    }
  }

  private Account make(int account) {
    if (shape.isMmAccount(account)) {
      Account.Kind kind = MM_KINDS.get(account % Shape.MM_ACCOUNTS);
      return new Account(kind, addressSpace(shape.mmOf(account)));
    }
    if (shape.isUserAccount(account)) {
      int user = shape.userOf(account);
      boolean perf = account == shape.accountOfUser(account, user) && isPerf(account);
      return perf ? Account.userPerf(principal(user)) : Account.userMemlock(principal(user));
    }
    return Account.groupMemory(groups[account - shape.accountOfGroup(0)]);
  }

  private boolean isPerf(int account) {
    return (account - shape.mms * Shape.MM_ACCOUNTS) % Shape.USER_ACCOUNTS == 1;
  }

  /** Returns a number for an address space as policies name it; see {@link #taskOf}. */
  int space(AccountOwner.AddressSpace mm) {
    boolean named = mm.generation() >= 1 && mm.generation() <= shape.tasks;
    return (mm.pid() - 1) * (shape.tasks + 1) + (named ? (int) mm.generation() : 0);
  }

  /**
   * Returns the task whose limits count for an address space of {@link #space}: the one that it was
   * named for, or any, because it has those of one process; -1 if nobody lives there.
   */
  int taskOf(World world, int space) {
    int named = Math.floorMod(space, shape.tasks + 1);
    return named > 0 ? named - 1 : world.userOfMm(Math.floorDiv(space, shape.tasks + 1));
  }

  private static AccountOwner.AddressSpace addressSpace(int mm) {
    return new AccountOwner.AddressSpace(mm + 1, 0);
  }

  /** Users in other namespaces have the uid of their root user, in a namespace of their own. */
  private Principal principal(int user) {
    int root = shape.rootUser(user);
    return new Principal(user == root ? 0 : 1 + root, FIRST_UID + root);
  }

  Account account(int index) {
    return accounts[index];
  }

  /** Returns the number of an account, -1 if the machine has no such account. */
  int find(Account account) {
    AccountOwner owner = account.owner();
    Account.Kind kind = account.kind();
    int index = -1;
    if (owner instanceof AccountOwner.AddressSpace mm) {
      if (mm.pid() >= 1 && mm.pid() <= shape.mms) {
        int counter = MM_KINDS.indexOf(kind);
        index = counter < 0 ? -1 : (mm.pid() - 1) * Shape.MM_ACCOUNTS + counter;
      }
    } else if (owner instanceof AccountOwner.User user) {
      int root = user.principal().uid() - FIRST_UID;
      boolean inner = user.principal().userNamespace() != 0;
      int number = inner ? shape.bounds.users() + root : root;
      boolean memlock = kind == Account.Kind.USER_MEMLOCK;
      if (number >= 0 && number < shape.users && (memlock || kind == Account.Kind.USER_PERF)) {
        index = shape.mms * Shape.MM_ACCOUNTS + number * Shape.USER_ACCOUNTS + (memlock ? 0 : 1);
      }
    } else if (owner instanceof AccountOwner.Group group && kind == Account.Kind.GROUP_MEMORY) {
      int number = List.of(groups).indexOf(group);
      index = number < 0 ? -1 : shape.accountOfGroup(number);
    }
    boolean ofMm = index >= 0 && shape.isMmAccount(index);
    return index >= 0 && (ofMm || accounts[index].equals(account)) ? index : -1;
  }

  /** Returns the number of an account that a policy has named. */
  int index(Account account, ChargingPolicy policy) {
    int index = find(account);
    if (index < 0) {
      throw new InvalidRequestException(
          new Explanation(
              "check policy '" + policy.name() + "'",
              "it names " + account + ", which is no account of the request's tasks",
              "derive accounts from the tracer and the tracee of the request"));
    }
    return index;
  }

  /** Returns how many different requests there are. */
  int requests() {
    int identities = identities();
    return identities * identities * (1 + shape.bounds.pages());
  }

  /** Returns the number of the request of one task for pages to trace another with. */
  int requestNumber(World world, int tracer, int tracee, int pages) {
    int identities = identities();
    return (identity(world, tracer) * identities + identity(world, tracee))
            * (1 + shape.bounds.pages())
        + pages;
  }

  /** Returns the request of one task for pages to trace another with. */
  ChargeRequest request(World world, int tracer, int tracee, int pages) {
    return new ChargeRequest(task(world, tracer), task(world, tracee), pages, false);
  }

  private int identities() {
    return shape.mms * shape.users * shape.groups * (shape.sharesMemory ? shape.tasks : 1);
  }

  private int identity(World world, int task) {
    int identity =
        (world.mmOf(task) * shape.users + world.task(task, Shape.USER)) * shape.groups
            + world.task(task, Shape.GROUP);
    return shape.sharesMemory ? identity * shape.tasks + task : identity;
  }

  TaskIdentity task(World world, int task) {
    return new TaskIdentity(
        new AccountOwner.AddressSpace(world.mmOf(task) + 1, shape.sharesMemory ? task + 1 : 0),
        principal(world.task(task, Shape.USER)),
        groups[world.task(task, Shape.GROUP)]);
  }
}
