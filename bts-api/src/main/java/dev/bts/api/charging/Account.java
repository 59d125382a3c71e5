package dev.bts.api.charging;

/**
 * A counter of pages with a limit, owned by an address space, a user or a control group.
 *
 * @param kind which counter
 * @param owner whose
 */
public record Account(Kind kind, AccountOwner owner) {
  /** The capability that lifts memlock limits, as receipts name it. */
  public static final String CAP_IPC_LOCK = "CAP_IPC_LOCK";

  /** The counters of Linux that trace memory can land in. They are disjoint pools. */
  public enum Kind {
    /** {@code mm->total_vm}: VmSize, limited by RLIMIT_AS. */
    TOTAL_VM("total_vm", "RLIMIT_AS"),
    /** {@code mm->locked_vm}: VmLck, limited by RLIMIT_MEMLOCK. */
    LOCKED_VM("locked_vm", "RLIMIT_MEMLOCK"),
    /** {@code mm->pinned_vm}: VmPin, limited by RLIMIT_MEMLOCK for perf. */
    PINNED_VM("pinned_vm", "RLIMIT_MEMLOCK"),
    /** {@code ucounts[UCOUNT_RLIMIT_MEMLOCK]}: System V segments under SHM_LOCK. */
    USER_MEMLOCK("ucounts memlock", "RLIMIT_MEMLOCK"),
    /** {@code user->locked_vm}: perf's gift and io_uring. */
    USER_PERF("user locked_vm", "perf_event_mlock_kb"),
    /** {@code memory.current} of a control group. */
    GROUP_MEMORY("memory", "memory limit");

    private final String counter;
    private final String limit;

    Kind(String counter, String limit) {
      this.counter = counter;
      this.limit = limit;
    }

    /** Returns the kernel's name of the counter. */
    public String counter() {
      return counter;
    }

    /** Returns the name of the limit that is checked. */
    public String limit() {
      return limit;
    }

    /** Returns whether a charger with CAP_IPC_LOCK may go beyond the limit. */
    public boolean liftedByIpcLock() {
      return switch (this) {
        case LOCKED_VM, PINNED_VM, USER_MEMLOCK -> true;
        case TOTAL_VM, USER_PERF, GROUP_MEMORY -> false;
      };
    }
  }

  /** Returns the account of an address space's total_vm. */
  public static Account totalVm(AccountOwner.AddressSpace mm) {
    return new Account(Kind.TOTAL_VM, mm);
  }

  /** Returns the account of an address space's locked_vm. */
  public static Account lockedVm(AccountOwner.AddressSpace mm) {
    return new Account(Kind.LOCKED_VM, mm);
  }

  /** Returns the account of a user's System V locked memory. */
  public static Account userMemlock(Principal principal) {
    return new Account(Kind.USER_MEMLOCK, new AccountOwner.User(principal));
  }

  /** Returns the account of an address space's pinned_vm. */
  public static Account pinnedVm(AccountOwner.AddressSpace mm) {
    return new Account(Kind.PINNED_VM, mm);
  }

  /** Returns the account of what a user has locked through perf and io_uring. */
  public static Account userPerf(Principal principal) {
    return new Account(Kind.USER_PERF, new AccountOwner.User(principal));
  }

  /** Returns the account of a control group's memory. */
  public static Account groupMemory(AccountOwner.Group group) {
    return new Account(Kind.GROUP_MEMORY, group);
  }

  @Override
  public String toString() {
    return kind.counter() + " of " + owner;
  }
}
