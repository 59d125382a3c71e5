package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A memfd that is mapped and locked in a task's address space, by calls which that task executes:
 * the kernel charges the pages to its total_vm and locked_vm.
 *
 * <p>The mapping is not given to forked children, which would otherwise share it unlocked and
 * unpaid. It has a name, so that it can be recognised in /proc/PID/maps.
 */
final class LockedMemfd {
  private final RemoteCalls calls;
  private final int descriptor;
  private final MapsEntry mapping;

  private LockedMemfd(RemoteCalls calls, int descriptor, MapsEntry mapping) {
    this.calls = calls;
    this.descriptor = descriptor;
    this.mapping = mapping;
  }

  /**
   * Creates, maps and locks. The descriptor stays open until {@link #closeDescriptor}.
   *
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws KernelException if it refuses for another reason; either way nothing is left
   */
  static LockedMemfd create(PageOrder order, RemoteCalls calls, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    long argument = calls.argument(Arrays.copyOf(text, text.length + 1));
    int flags = Mapping.MFD_CLOEXEC | Mapping.MFD_ALLOW_SEALING;
    long created = calls.call(Sys.MEMFD_CREATE, argument, flags, 0, 0, 0, 0);
    int descriptor = (int) Errno.check(created, "create a memfd in process " + calls.pid());
    boolean done = false;
    long address = 0;
    try {
      Errno.check(
          calls.call(Sys.FTRUNCATE, descriptor, order.bytes(), 0, 0, 0, 0),
          "give a memfd " + order.bytes() + " bytes");
      address = lock(order, calls, descriptor);
      Errno.check(
          calls.call(Sys.MADVISE, address, order.bytes(), Mapping.MADV_DONTFORK, 0, 0, 0),
          "keep a buffer from forked children");
      LockedMemfd memfd = new LockedMemfd(calls, descriptor, find(calls.pid(), address));
      done = true;
      return memfd;
    } finally {
      if (!done) {
        if (address != 0) {
          calls.call(Sys.MUNMAP, address, order.bytes(), 0, 0, 0, 0);
        }
        calls.call(Sys.CLOSE, descriptor, 0, 0, 0, 0, 0);
      }
    }
  }

  private static long lock(PageOrder order, RemoteCalls calls, int descriptor) {
    Supplier<Long> map =
        () ->
            calls.call(
                Sys.MMAP,
                0,
                order.bytes(),
                Mapping.PROT_READ | Mapping.PROT_WRITE,
                Mapping.MAP_SHARED | Mapping.MAP_LOCKED,
                descriptor,
                0);
    long address = order.accounts().strict() ? IpcLock.without(calls, map) : map.get();
    if (Errno.isError(address)) {
      throw order.refused((int) -address, Account.lockedVm(order.payer().mm()));
    }
    return address;
  }

  private static MapsEntry find(int pid, long address) {
    for (MapsEntry entry : MapsEntry.of(pid)) {
      if (entry.start() == address) {
        return entry;
      }
    }
    throw new KernelException(
        new Explanation(
            "find a new buffer in process " + pid,
            "/proc/" + pid + "/maps does not show it",
            "the process must not change its mappings now, and /proc must be mounted"),
        0);
  }

  /** Returns the descriptor in the task's process. */
  int descriptor() {
    return descriptor;
  }

  /** Returns its inode, as the task's address space shows it. */
  long inode() {
    return mapping.inode();
  }

  /** Returns where it is mapped in the task's address space. */
  long address() {
    return mapping.start();
  }

  /** Closes the descriptor; the mapping keeps the memory. */
  void closeDescriptor() {
    calls.call(Sys.CLOSE, descriptor, 0, 0, 0, 0, 0);
  }

  /** Returns how many pages of it the address space has now. */
  long mappedPages() {
    return mapping.present(calls.pid()).stream().mapToLong(MapsEntry::pages).sum();
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
    for (MapsEntry entry : mapping.present(calls.pid())) {
      long result = calls.call(Sys.MUNMAP, entry.start(), entry.end() - entry.start(), 0, 0, 0, 0);
      // A process that has died meanwhile has unmapped everything.
      if (result < 0 && result != -Errno.ESRCH) {
        failure = result;
      }
    }
    return failure;
  }
}
