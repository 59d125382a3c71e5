package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Sys;
import java.util.List;

/**
 * A memfd that is mapped and locked in a task's address space, by calls which that task executes:
 * the kernel charges the pages to its total_vm and locked_vm.
 */
final class LockedMemfd {
  private final RemoteCalls calls;
  private final MapsEntry mapping;

  LockedMemfd(RemoteCalls calls, MapsEntry mapping) {
    this.calls = calls;
    this.mapping = mapping;
  }

  /** Returns the mapping as it was made. */
  MapsEntry mapping() {
    return mapping;
  }

  /** Returns the mappings that the address space has of it now. */
  List<MapsEntry> present() {
    return mapping.present(calls.pid());
  }

  /** Returns how many pages of it the address space has now. */
  long mappedPages() {
    return present().stream().mapToLong(MapsEntry::pages).sum();
  }

  /** Returns how many pages of it are locked now. */
  long lockedPages() {
    return mapping.lockedPages(calls.pid());
  }

  /**
   * Unmaps what the address space has of it now: after an exec, nothing, and what the task has put
   * in its place is the task's.
   *
   * @return 0 or a negative errno
   */
  long unmap() {
    long failure = 0;
    for (MapsEntry entry : present()) {
      long result = calls.call(Sys.MUNMAP, entry.start(), entry.end() - entry.start(), 0, 0, 0, 0);
      // A process that has died meanwhile has unmapped everything.
      if (result < 0 && result != -Errno.ESRCH) {
        failure = result;
      }
    }
    return failure;
  }
}
