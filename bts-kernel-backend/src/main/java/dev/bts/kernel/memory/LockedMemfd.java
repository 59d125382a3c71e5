package dev.bts.kernel.memory;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.ProcFile;
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
    try {
      List<MapsEntry> found = mapping.present(calls.pid());
      return found.isEmpty() && isHidden() ? List.of(mapping) : found;
    } catch (KernelException unreadable) {
      // The lack of a descriptor here must not leave the buffer there. After an exec the calls
      // reach nobody, so nothing of the new program is meant by it.
      return List.of(mapping);
    }
  }

  /**
   * Whether this process may no longer look: prctl(2) with PR_SET_DUMPABLE hides a process from all
   * but root. Then what was made is taken to be there.
   */
  private boolean isHidden() {
    return ProcFile.isDenied(ProcFile.shared(calls.pid(), "maps"));
  }

  /** Returns how many pages of it the address space has now. */
  long mappedPages() {
    return present().stream().mapToLong(MapsEntry::pages).sum();
  }

  /** Returns how many pages of it are locked now. */
  long lockedPages() {
    long locked = mapping.lockedPages(calls.pid());
    return locked == 0 && isHidden() ? mapping.pages() : locked;
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
      long result = Insistence.call(() -> unmap(entry));
      // A process that has died meanwhile has unmapped everything.
      if (result < 0 && result != -Errno.ESRCH) {
        failure = result;
      }
    }
    return failure;
  }

  private long unmap(MapsEntry entry) {
    return calls.call(Sys.MUNMAP, entry.start(), entry.end() - entry.start(), 0, 0, 0, 0);
  }
}
