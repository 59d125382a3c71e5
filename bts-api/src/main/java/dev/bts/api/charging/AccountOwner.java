package dev.bts.api.charging;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who an account belongs to. */
public sealed interface AccountOwner {
  /**
   * An address space, alive as long as some task uses it.
   *
   * @param pid the process that had it when it was identified; 0 for one that is yet to start, in a
   *     plan
   * @param generation distinguishes the address spaces that one pid had: process start time and
   *     number of execs seen
   */
  record AddressSpace(int pid, long generation) implements AccountOwner {
    @Override
    public String toString() {
      return pid == 0 ? "a process to be started" : "pid " + pid;
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
    private static final String ROOT = "/";

    /**
     * Returns the groups that a charge to this one is charged to as well: itself first, then its
     * ancestors up to, but without, the root, which has no limit. For the root the root alone.
     */
    public List<Group> levels() {
      List<Group> levels = new ArrayList<>(List.of(this));
      Group above = parent();
      while (above != null && above.parent() != null) {
        levels.add(above);
        above = above.parent();
      }
      return levels;
    }

    /** Returns the group above, null for the root. */
    public @Nullable Group parent() {
      if (path.equals(ROOT)) {
        return null;
      }
      int slash = path.lastIndexOf(ROOT);
      return new Group(slash <= 0 ? ROOT : path.substring(0, slash));
    }

    @Override
    public String toString() {
      return "cgroup " + path;
    }
  }
}
