package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.PerfEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Rlimit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/**
 * The kernel's own counters and limits, read anew at every question.
 *
 * <p>An address space's are in /proc/PID/status and /proc/PID/limits. What a user has locked with
 * SHM_LOCK, and has of perf's gift, is in no file; it is measured, which takes some milliseconds
 * and needs a process of that user: this one's own user can be measured, root can measure any. A
 * control group's are in the files of the memory controller, for groups that are visible here
 * ({@link MemoryController}). Stateless, so safe for several threads.
 *
 * @param strict whether charges are made without CAP_IPC_LOCK, so that it lifts no limit
 */
public record KernelAccounts(boolean strict) implements AccountView {
  /** The inode of the initial user namespace (linux/proc_ns.h, PROC_USER_INIT_INO). */
  private static final long INITIAL_USER_NAMESPACE = 0xeffffffdL;

  /** The perf_event_paranoid that lets everybody map rings of any size. */
  private static final int UNRESTRICTED = -1;

  @Override
  public long usedPages(Account account) {
    return switch (account.kind()) {
      case TOTAL_VM -> counter(account, "VmSize");
      case LOCKED_VM -> counter(account, "VmLck");
      case PINNED_VM -> counter(account, "VmPin");
      case USER_MEMLOCK -> userMemlock(account).pages();
      case USER_PERF -> UserPerf.measure(uid(account));
      case GROUP_MEMORY -> groupMemory(account, MemoryController::usedPages);
    };
  }

  /**
   * Returns the pages on an account if they can be known exactly. {@link #usedPages} of a user who,
   * by CAP_IPC_LOCK, has locked more than the hard RLIMIT_MEMLOCK is a lower bound.
   */
  OptionalLong exactlyUsedPages(Account account) {
    if (account.kind() != Account.Kind.USER_MEMLOCK) {
      return OptionalLong.of(usedPages(account));
    }
    UserMemlock.Use use = userMemlock(account);
    return use.exact() ? OptionalLong.of(use.pages()) : OptionalLong.empty();
  }

  @Override
  public long limitPages(Account account, TaskIdentity charger) {
    if (account.kind() == Account.Kind.GROUP_MEMORY) {
      return groupMemory(account, MemoryController::limitPages);
    }
    if (account.kind() == Account.Kind.USER_PERF) {
      return PerfEvent.giftPages();
    }
    // Checked by the kernel against the address space's own rlimit, for a user the charger's.
    int pid =
        account.owner() instanceof AccountOwner.AddressSpace mm ? mm.pid() : charger.mm().pid();
    String row =
        switch (account.kind()) {
          case TOTAL_VM -> Rlimit.ADDRESS_SPACE_ROW;
          case LOCKED_VM, PINNED_VM, USER_MEMLOCK -> Rlimit.MEMLOCK_ROW;
          case USER_PERF, GROUP_MEMORY -> throw unreadable(account);
        };
    long bytes = Rlimit.soft(pid, row);
    return bytes == Rlimit.INFINITY ? UNLIMITED : Long.divideUnsigned(bytes, Mapping.PAGE_BYTES);
  }

  @Override
  public Optional<String> liftedBy(Account account, TaskIdentity charger) {
    if (account.kind() == Account.Kind.PINNED_VM && PerfEvent.paranoid() == UNRESTRICTED) {
      return Optional.of("perf_event_paranoid " + UNRESTRICTED);
    }
    boolean lifted =
        account.kind().liftedByIpcLock()
            && !strict
            && charger.principal().userNamespace() == INITIAL_USER_NAMESPACE
            && IpcLock.isEffective(charger.mm().pid());
    return lifted ? Optional.of(Account.CAP_IPC_LOCK) : Optional.empty();
  }

  private static long counter(Account account, String field) {
    if (account.owner() instanceof AccountOwner.AddressSpace mm) {
      return ProcFile.sharedPages(mm.pid(), field);
    }
    throw unreadable(account);
  }

  private static long groupMemory(
      Account account, BiFunction<MemoryController, AccountOwner.Group, OptionalLong> number) {
    if (!(account.owner() instanceof AccountOwner.Group group)) {
      throw unreadable(account);
    }
    MemoryController controller = memoryController(account);
    return number
        .apply(controller, group)
        .orElseThrow(
            () ->
                cannotRead(
                    account,
                    controller.usageFile(group)
                        + " cannot be read: a group for which the memory controller is not"
                        + " enabled has none, nor has the root of cgroup v2, which is not charged",
                    "start bts in a group with that controller, or choose --charge tracer"));
  }

  /**
   * Returns the controller that charges groups.
   *
   * @throws InvalidRequestException if there is none
   */
  static MemoryController memoryController(Account account) {
    return MemoryController.find()
        .orElseThrow(
            () ->
                cannotRead(
                    account,
                    "no mount in /proc/self/mountinfo shows the memory controller with the group"
                        + " of this process",
                    "mount it (cgroups(7)), or choose --charge tracer"));
  }

  private static UserMemlock.Use userMemlock(Account account) {
    return UserMemlock.measure(uid(account));
  }

  private static int uid(Account account) {
    if (account.owner() instanceof AccountOwner.User user
        && user.principal().userNamespace() == KernelTasks.self().principal().userNamespace()) {
      return user.principal().uid();
    }
    throw unreadable(account);
  }

  private static InvalidRequestException unreadable(Account account) {
    return cannotRead(
        account,
        "the kernel shows total_vm, locked_vm and pinned_vm of address spaces, memory of control"
            + " groups, and what users of the tracer's user namespace have locked can be measured",
        "choose a policy that charges one of these");
  }

  private static InvalidRequestException cannotRead(
      Account account, String obstacle, String remedy) {
    return new InvalidRequestException(new Explanation("read " + account, obstacle, remedy));
  }
}
