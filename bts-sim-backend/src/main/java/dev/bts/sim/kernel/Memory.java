package dev.bts.sim.kernel;

import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Principal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory management of the modelled machine: the accounts of its users and control groups, and
 * the system calls that charge memory, each made by a task. Guarded by the machine's lock.
 *
 * <p>Credentials are given with every call: what the task has, or less. Refusals are the kernel's,
 * with its errno, and leave nothing charged.
 */
public final class Memory {
  /** How many CPUs the machine has. */
  static final int CPUS = 2;

  /** perf_event_mlock_kb in pages: 516 KiB for each online CPU, Linux's default. */
  static final long STANDARD_GIFT_PAGES = 129L * CPUS;

  private final Machine machine;
  private final KernelVersion kernel;

  /** With all CPUs online. */
  private final long perfGiftPages;

  private final Map<Principal, User> users = new HashMap<>();
  private final Map<AccountOwner.Group, MemoryGroup> groups = new HashMap<>();
  private final Map<Long, UserNamespace> namespaces = new HashMap<>();

  Memory(Machine machine, KernelVersion kernel, long perfGiftPages) {
    this.machine = machine;
    this.kernel = kernel;
    this.perfGiftPages = perfGiftPages;
  }

  /** Returns which kernel's mistakes are made. */
  public KernelVersion kernel() {
    return kernel;
  }

  /** Returns a user; all users exist. */
  public User user(Principal principal) {
    synchronized (machine) {
      User found = users.get(principal);
      if (found == null) {
        found = new User(principal, namespaces.get(principal.userNamespace()));
        users.put(principal, found);
      }
      return found;
    }
  }

  /**
   * Returns the account of what perf and io_uring give: there is one for each user id of the
   * machine, whatever user namespaces there are ({@code struct user_struct}).
   */
  public User perfUser(Principal principal) {
    return user(new Principal(Credentials.INITIAL_USER_NAMESPACE, principal.uid()));
  }

  /** Makes a user namespace of a task; returns its number. */
  long newNamespace(Task maker) {
    Credentials credentials = maker.credentials();
    long number = Credentials.INITIAL_USER_NAMESPACE + namespaces.size() + 1;
    User owner =
        user(new Principal(credentials.principal().userNamespace(), credentials.effectiveUid()));
    long maximum =
        kernel.namespaceMaximumInBytes()
            ? maker.group().limits().memlockBytes()
            : maker.group().limits().memlockPages();
    namespaces.put(number, new UserNamespace(owner, maximum));
    return number;
  }

  /** Returns a user namespace, null for the initial one. */
  @Nullable UserNamespace namespace(long number) {
    return namespaces.get(number);
  }

  /** Returns a control group; all groups exist, without a limit until one is set. */
  public MemoryGroup group(AccountOwner.Group group) {
    synchronized (machine) {
      MemoryGroup found = groups.get(group);
      if (found == null) {
        AccountOwner.Group parent = group.parent();
        found = new MemoryGroup(group, parent == null ? null : group(parent));
        groups.put(group, found);
      }
      return found;
    }
  }

  /**
   * rmdir(2) of a control group: zombies are no hindrance, nor is what is charged to it. That stays
   * on its counter and on those above it until it is freed; who uses the name again has a new group
   * (mm/memcontrol.c, mem_cgroup_css_offline).
   *
   * @throws SystemCallException EBUSY if a task or a group is in it
   */
  public void removeGroup(AccountOwner.Group group) throws SystemCallException {
    synchronized (machine) {
      boolean parent = groups.keySet().stream().anyMatch(each -> group.equals(each.parent()));
      if (parent || machine.isPopulated(group)) {
        throw new SystemCallException(Errno.EBUSY, "rmdir");
      }
      groups.remove(group);
    }
  }

  /** Writes a control group's memory limit; what is charged already stays. */
  public void setLimit(AccountOwner.Group group, long pages) {
    synchronized (machine) {
      group(group).limit(pages);
    }
  }

  /** Returns how many pages perf gives each user: perf_event_mlock_kb times online CPUs. */
  public long perfGiftPages() {
    synchronized (machine) {
      return perfGiftPages * machine.onlineCpus() / CPUS;
    }
  }

  /** Maps locked pages in a live address space; see {@link AddressSpace#mapLocked}. */
  public Mapping mapLocked(Task task, long pages, Credentials credentials)
      throws SystemCallException {
    synchronized (machine) {
      return task.mm().mapLocked(pages, credentials, task.group().limits());
    }
  }

  /** Writes the first bytes of a trace buffer. */
  public void write(Mapping mapping, BufferHeader header) {
    synchronized (machine) {
      mapping.write(header);
    }
  }

  /** Unmaps; does nothing if the mapping went with its address space. */
  public void unmap(Mapping mapping) {
    synchronized (machine) {
      mapping.mm().unmap(mapping);
    }
  }

  /** munlock(2) of a whole mapping; does nothing if it is not locked. */
  public void unlock(Mapping mapping) {
    synchronized (machine) {
      mapping.mm().unlock(mapping);
    }
  }

  /** Locks a new System V segment; see {@link User#lockSegment}. */
  public LockedSegment lockSegment(Task task, long pages, Credentials credentials)
      throws SystemCallException {
    synchronized (machine) {
      return task.mm()
          .hold(
              user(credentials.principal()).lockSegment(pages, credentials, task.group().limits()));
    }
  }

  /** Removes a segment. */
  public void remove(LockedSegment segment) {
    synchronized (machine) {
      segment.unlock();
    }
  }

  /** shmctl(2) with SHM_UNLOCK: who locked the segment is refunded, whoever calls. */
  public void unlock(LockedSegment segment) {
    synchronized (machine) {
      segment.unlock();
    }
  }

  /** Maps a perf ring buffer; see {@link PerfMapping}. */
  public PerfMapping mapPerf(Task task, long pages, Credentials credentials)
      throws SystemCallException {
    synchronized (machine) {
      return task.mm()
          .hold(
              PerfMapping.map(
                  perfUser(credentials.principal()),
                  task.mm(),
                  pages,
                  perfGiftPages(),
                  credentials,
                  task.group().limits()));
    }
  }

  /** Closes the last mapping of a perf ring buffer. */
  public void unmap(PerfMapping mapping) {
    synchronized (machine) {
      mapping.letGo();
    }
  }

  /**
   * Fills pages of a memfd, which a task maps, on behalf of a group: a helper in the group does it,
   * which is what dies if the group is full.
   *
   * @throws SystemCallException ENOMEM if the group or one above it is full
   */
  public FilledPages fill(Task task, AccountOwner.Group group, long pages)
      throws SystemCallException {
    synchronized (machine) {
      MemoryGroup payer = group(group);
      payer.charge(pages);
      return task.mm().hold(new FilledPages(payer, pages));
    }
  }

  /** Frees filled pages. */
  public void free(FilledPages filled) {
    synchronized (machine) {
      filled.letGo();
    }
  }
}
