package dev.bts.accounting;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Counters and limits that a test sets by hand; limits are unlimited until set. */
class FakeAccounts implements AccountView {
  static final TaskIdentity TRACER = task(100, 1000);
  static final TaskIdentity TRACEE = task(200, 1000);
  static final TaskIdentity STRANGER = task(300, 2000);

  final Map<Account, Long> used = new ConcurrentHashMap<>();
  final Map<Account, Long> limits = new ConcurrentHashMap<>();
  final Set<TaskIdentity> capable = new HashSet<>();

  static TaskIdentity task(int pid, int uid) {
    return new TaskIdentity(
        new AccountOwner.AddressSpace(pid, 1), new Principal(1, uid), new AccountOwner.Group("/"));
  }

  static ChargeRequest request(long pages) {
    return new ChargeRequest(TRACER, TRACEE, pages, false);
  }

  FakeAccounts use(Account account, long pages) {
    used.put(account, pages);
    return this;
  }

  FakeAccounts limit(Account account, long pages) {
    limits.put(account, pages);
    return this;
  }

  FakeAccounts capable(TaskIdentity task) {
    capable.add(task);
    return this;
  }

  /** Moves a counter, as the kernel does when it charges. */
  void move(Account account, long pages) {
    used.merge(account, pages, Long::sum);
  }

  @Override
  public long usedPages(Account account) {
    return used.getOrDefault(account, 0L);
  }

  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    return limits.getOrDefault(account, UNLIMITED);
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    return account.kind().liftedByIpcLock() && capable.contains(charger)
        ? Optional.of(Account.CAP_IPC_LOCK)
        : Optional.empty();
  }
}
