package dev.bts.accounting.operations;

import java.util.List;

/**
 * What a machine is like that operations run on, so that a model can be made like it. Measured, not
 * assumed.
 *
 * @param kernel its release, as uname(2) says it
 * @param giftPages what perf gives each user: perf_event_mlock_kb for each online CPU
 * @param paranoid perf_event_paranoid
 * @param hardLimitPages the hard RLIMIT_MEMLOCK of every process, -1 for none
 * @param softLimitPages the soft one that processes start with
 * @param imagePages total_vm of a process that has just started
 * @param lockablePages how many of them mlockall(2) locks
 * @param uringPages what io_uring charges for a ring of four entries, 0 if rings must not be made
 * @param userNamespaces whether ordinary users may make user namespaces
 * @param users whose processes there are
 */
public record MachineFacts(
    String kernel,
    long giftPages,
    int paranoid,
    long hardLimitPages,
    long softLimitPages,
    long imagePages,
    long lockablePages,
    long uringPages,
    boolean userNamespaces,
    List<UserFacts> users) {
  /**
   * A user, with what processes that are no part of the comparison have on its accounts.
   *
   * @param uid its id
   * @param lockedPages of System V segments under SHM_LOCK
   * @param perfPages of perf's gift, and io_uring's
   */
  public record UserFacts(int uid, long lockedPages, long perfPages) {}

  /** Copies. */
  public MachineFacts {
    users = List.copyOf(users);
  }

  /** Returns whether both users of the language are the same, because only one can be had. */
  public boolean singleUser() {
    return users.size() == 1;
  }

  /** Returns the facts of a user of the language. */
  public UserFacts user(int number) {
    return users.get(Math.min(number, users.size() - 1));
  }
}
