package dev.bts.api.charging;

/** Who an account belongs to. */
public sealed interface AccountOwner {
  /**
   * An address space, alive as long as some task uses it.
   *
   * @param pid the process that had it when it was identified
   * @param generation distinguishes the address spaces that one pid had: process start time and
   *     number of execs seen
   */
  record AddressSpace(int pid, long generation) implements AccountOwner {
    @Override
    public String toString() {
      return "pid " + pid;
    }
  }

  /** A user. */
  record User(Principal principal) implements AccountOwner {
    @Override
    public String toString() {
      return principal.toString();
    }
  }

  /**
   * A control group.
   *
   * @param path its path below the controller's mount point, {@code /} for the root
   */
  record Group(String path) implements AccountOwner {
    @Override
    public String toString() {
      return "cgroup " + path;
    }
  }
}
