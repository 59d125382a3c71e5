package dev.bts.sim.kernel;

import java.util.Arrays;
import java.util.Collection;

/**
 * The CPUs of a machine, of which some can be offline ({@code cpu_online_mask}). Guarded by the
 * machine's lock.
 */
final class Cpus {
  private final Cpu[] all = Cpu.all();
  private final boolean[] online = new boolean[all.length];

  Cpus() {
    Arrays.fill(online, true);
  }

  /** Returns the CPU that a task runs on. */
  Cpu of(Task task) {
    return all[task.cpu()];
  }

  int online() {
    int count = 0;
    for (boolean each : online) {
      count += each ? 1 : 0;
    }
    return count;
  }

  /** Returns the first CPU that is online, from this one on, in turn. */
  int nearest(int number) {
    int cpu = number % all.length;
    while (!online[cpu]) {
      cpu = (cpu + 1) % all.length;
    }
    return cpu;
  }

  /**
   * A CPU goes offline. What ran there departs, with its Debug Store area, and goes on where it is
   * put next (kernel/sched/core.c, migrate_tasks; bts_hotcpu_handler freed such areas in 2.6.29).
   *
   * @throws SystemCallException EINVAL if there is no such CPU, EBUSY if it is the last one
   */
  void takeOffline(int number, Collection<Task> tasks, long now) throws SystemCallException {
    check(number);
    if (!online[number]) {
      return;
    }
    if (online() == 1) {
      throw new SystemCallException(Errno.EBUSY, "write");
    }
    online[number] = false;
    all[number].empty(now);
    for (Task task : tasks) {
      task.cpu(nearest(task.cpu()));
    }
  }

  /** A CPU comes online; tasks that were there before stay where they are. */
  void takeOnline(int number) throws SystemCallException {
    check(number);
    online[number] = true;
  }

  private void check(int number) throws SystemCallException {
    if (number < 0 || number >= all.length) {
      throw new SystemCallException(Errno.EINVAL, "write");
    }
  }
}
