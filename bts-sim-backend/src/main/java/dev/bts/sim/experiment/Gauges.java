package dev.bts.sim.experiment;

import dev.bts.sim.kernel.AddressSpace;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.MemoryGroup;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.User;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The counters of the modelled kernel, read for users and against the limits that hold for them.
 */
final class Gauges {
  private final Machine machine;
  private final List<Actors.User> users;
  private final long memlockPages;

  /** What others had of perf's gift before the run. */
  private final long foreignPerfPages;

  long peakUser;
  long peakMachine;
  long beyond;

  Gauges(Machine machine, List<Actors.User> users, long memlockPages) {
    this.machine = machine;
    this.users = users;
    this.memlockPages = memlockPages;
    foreignPerfPages = users.isEmpty() ? 0 : perfPool(users.get(0)).perfPages();
  }

  private User memlockPool(Actors.User user) {
    return machine.memory().user(user.credentials.principal());
  }

  private User perfPool(Actors.User user) {
    return machine.memory().perfUser(user.credentials.principal());
  }

  /** Reads everything. */
  void sample() {
    long machinePages = 0;
    long over = 0;
    Set<User> memlockPools = new HashSet<>();
    Set<User> perfPools = new HashSet<>();
    for (Actors.User user : users) {
      long pages = machine.memory().group(user.group).pages();
      over += over(machine.memory().group(user.group));
      for (AddressSpace mm : addressSpaces(user)) {
        pages += mm.lockedPages() + mm.pinnedPages();
        over += over(mm.lockedPages(), memlockPages) + over(mm.pinnedPages(), memlockPages);
      }
      // Users of one id share their pools.
      if (memlockPools.add(memlockPool(user))) {
        long locked = memlockPool(user).memlockPages();
        pages += locked;
        over += over(locked, memlockPages);
      }
      if (perfPools.add(perfPool(user))) {
        long given = perfPool(user).perfPages();
        pages += given - foreignPerfPages;
        over += over(given, Math.max(machine.memory().perfGiftPages(), foreignPerfPages));
      }
      peakUser = Math.max(peakUser, pages);
      machinePages += pages;
    }
    peakMachine = Math.max(peakMachine, machinePages);
    beyond = Math.max(beyond, over);
  }

  /** Returns the pages that all users hold now. */
  long held() {
    long before = peakMachine;
    peakMachine = 0;
    sample();
    long held = peakMachine;
    peakMachine = Math.max(before, held);
    return held;
  }

  private static Set<AddressSpace> addressSpaces(Actors.User user) {
    Set<AddressSpace> spaces = new HashSet<>();
    for (Task task : user.tasks) {
      if (task.mm().isAlive()) {
        spaces.add(task.mm());
      }
    }
    return spaces;
  }

  private static long over(MemoryGroup group) {
    return over(group.pages(), group.limitPages());
  }

  private static long over(long pages, long limit) {
    return limit == ResourceLimits.INFINITE ? 0 : Math.max(0, pages - limit);
  }
}
