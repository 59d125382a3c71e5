package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.InvalidRequestException;
import dev.bts.api.TargetException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KernelAccountsTest {
  private static final int PAGE_BYTES = 4096;

  private final TaskIdentity self = KernelTasks.self();
  private final Account ownMemlock = Account.userMemlock(self.principal());
  private final KernelAccounts accounts = new KernelAccounts(true);

  @Test
  void measuresWhatTheUserHasLockedToThePage() {
    long before = accounts.usedPages(ownMemlock);
    try (MemlockLimit limit = new MemlockLimit(Scene.LIMIT_BYTES);
        HelperProcess locker = HelperProcess.start()) {
      long locked = 0;
      for (int pages : List.of(1, 2, 37, 256, 1000)) {
        lock(locker, pages);
        locked += pages;
        assertThat(accounts.usedPages(ownMemlock)).isEqualTo(before + locked);
      }
      assertThat(limit).isNotNull();
    }
    assertThat(accounts.usedPages(ownMemlock)).isEqualTo(before);
  }

  private static void lock(HelperProcess locker, int pages) {
    int size = pages * PAGE_BYTES;
    long id = locker.call(Sys.SHMGET, SystemV.IPC_PRIVATE, size, SystemV.OWNER_ONLY);
    assertThat(locker.call(Sys.SHMAT, id)).isPositive();
    assertThat(locker.call(Sys.SHMCTL, id, SystemV.IPC_RMID)).isZero();
    assertThat(locker.call(Sys.SHMCTL, id, SystemV.SHM_LOCK)).isZero();
  }

  @Test
  void measuringLeavesNoSegmentAndNoProcess() {
    List<String> segments = ProcFile.lines("/proc/sysvipc/shm");
    assertThat(accounts.usedPages(ownMemlock)).isNotNegative();
    int own = (int) ProcessHandle.current().pid();
    assertThat(ProcFile.lines("/proc/sysvipc/shm").stream().filter(line -> isOf(line, own)))
        .isEqualTo(segments.stream().filter(line -> isOf(line, own)).toList());
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
        .noneMatch(child -> child.info().command().orElse("").contains("bts-helper"));
  }

  /** The fifth field is the pid of the creator. */
  private static boolean isOf(String line, int pid) {
    return line.trim().split(" +", -1)[4].equals(Integer.toString(pid));
  }

  @Test
  void readsAddressSpacesFromProc() {
    try (HelperProcess helper = HelperProcess.start()) {
      TaskIdentity task = KernelTasks.identify(helper.pid());
      long before = accounts.usedPages(Account.totalVm(task.mm()));
      long address = helper.map(10 * PAGE_BYTES);
      assertThat(accounts.usedPages(Account.totalVm(task.mm()))).isEqualTo(before + 10);
      assertThat(accounts.usedPages(Account.lockedVm(task.mm()))).isZero();
      assertThat(helper.call(Sys.MLOCK, address, 3 * PAGE_BYTES)).isZero();
      assertThat(accounts.usedPages(Account.lockedVm(task.mm()))).isEqualTo(3);
    }
  }

  @Test
  void limitsAreThoseOfTheOwnerOrOfTheCharger() {
    try (MemlockLimit limit = new MemlockLimit(5 * PAGE_BYTES + 100)) {
      assertThat(accounts.limitPages(Account.lockedVm(self.mm()), self)).isEqualTo(5);
      assertThat(accounts.limitPages(ownMemlock, self)).isEqualTo(5);
      assertThat(accounts.limitPages(Account.totalVm(self.mm()), self))
          .isGreaterThan(5)
          .isLessThanOrEqualTo(AccountView.UNLIMITED);
      assertThat(limit).isNotNull();
    }
  }

  @Test
  void strictAccountsKnowNoCapability() {
    Account locked = Account.lockedVm(self.mm());
    assertThat(new KernelAccounts(true).liftedBy(locked, self)).isEmpty();
    boolean effective = (ProcFile.statusSet(self.mm().pid(), "CapEff") & 1L << 14) != 0;
    assertThat(new KernelAccounts(false).liftedBy(locked, self).isPresent()).isEqualTo(effective);
    assertThat(new KernelAccounts(false).liftedBy(Account.totalVm(self.mm()), self)).isEmpty();
  }

  @Test
  void saysWhatItCannotRead() {
    Principal other = new Principal(self.principal().userNamespace(), 12345);
    for (Account account :
        List.of(
            new Account(Account.Kind.GROUP_MEMORY, new AccountOwner.Group("/there/is/none")),
            new Account(Account.Kind.LOCKED_VM, new AccountOwner.User(other)))) {
      assertThatThrownBy(() -> accounts.usedPages(account))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("read " + account);
    }
  }

  @Test
  void identifiesProcesses() {
    int pid;
    try (HelperProcess helper = HelperProcess.start()) {
      pid = helper.pid();
      TaskIdentity task = KernelTasks.identify(pid);
      assertThat(task.principal()).isEqualTo(self.principal());
      assertThat(task.group()).isEqualTo(self.group());
      assertThat(task.mm().pid()).isEqualTo(helper.pid());
      assertThat(KernelTasks.identify(helper.pid())).isEqualTo(task);
      assertThat(KernelTasks.identify(helper.pid(), 1).mm()).isNotEqualTo(task.mm());
      assertThat(self.principal().uid()).isEqualTo((int) Sys.call(Sys.GETUID, 0, 0));
    }
    assertThatThrownBy(() -> KernelTasks.identify(pid))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no such process");
  }
}
