package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A memfd that a task has just made, with a descriptor that is closed when this is.
 *
 * <p>It has a name, so that its mappings can be recognised in /proc/PID/maps. They are not given to
 * forked children, which would otherwise share them unlocked and unpaid.
 */
final class NewMemfd implements AutoCloseable {
  /** Where a mapping may be anywhere. */
  static final long ANYWHERE = 0;

  private final PageOrder order;
  private final RemoteCalls calls;
  private final int descriptor;

  private NewMemfd(PageOrder order, RemoteCalls calls, int descriptor) {
    this.order = order;
    this.calls = calls;
    this.descriptor = descriptor;
  }

  /**
   * Creates one of the ordered size; nobody is charged yet.
   *
   * @throws KernelException if the kernel refuses; nothing is left
   */
  static NewMemfd create(PageOrder order, RemoteCalls calls, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    long argument = calls.argument(Arrays.copyOf(text, text.length + 1));
    int flags = Mapping.MFD_CLOEXEC | Mapping.MFD_ALLOW_SEALING;
    long created = calls.call(Sys.MEMFD_CREATE, argument, flags, 0, 0, 0, 0);
    int descriptor = (int) Errno.check(created, "create a memfd in process " + calls.pid());
    NewMemfd memfd = new NewMemfd(order, calls, descriptor);
    boolean done = false;
    try {
      Errno.check(
          calls.call(Sys.FTRUNCATE, descriptor, order.bytes(), 0, 0, 0, 0),
          "give a memfd " + order.bytes() + " bytes");
      done = true;
      return memfd;
    } finally {
      if (!done) {
        memfd.close();
      }
    }
  }

  /** Takes over a descriptor that is open already. */
  static NewMemfd of(PageOrder order, RemoteCalls calls, int descriptor) {
    return new NewMemfd(order, calls, descriptor);
  }

  /** Returns the descriptor in the task's process. */
  int descriptor() {
    return descriptor;
  }

  /**
   * Maps and locks: from here on the task's address space is charged.
   *
   * @param where the address, in the place of what is there, or {@link #ANYWHERE}
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws KernelException if it refuses for another reason; either way nothing is charged
   */
  LockedMemfd lock(long where) {
    int placed = where == ANYWHERE ? 0 : Mapping.MAP_FIXED;
    int access = Mapping.PROT_READ | Mapping.PROT_WRITE;
    return map(where, access, Mapping.MAP_LOCKED | placed);
  }

  /** Maps where nothing is yet, and locks if {@code locked}; see {@link #lock}. */
  LockedMemfd map(TraceePlace place, boolean locked) {
    int flags = Mapping.MAP_FIXED_NOREPLACE | (locked ? Mapping.MAP_LOCKED : 0);
    return map(place.address(), place.access(), flags);
  }

  private LockedMemfd map(long where, int access, int placed) {
    int flags = Mapping.MAP_SHARED | placed;
    AtomicLong made = new AtomicLong(-Errno.EINVAL);
    Supplier<Long> map =
        () -> {
          made.set(calls.call(Sys.MMAP, where, order.bytes(), access, flags, descriptor, 0));
          return made.get();
        };
    boolean done = false;
    try {
      long address = order.accounts().strict() ? IpcLock.without(calls, map) : map.get();
      if (Errno.isError(address)) {
        throw order.refused((int) -address, Account.lockedVm(order.payer().mm()));
      }
      Errno.check(
          calls.call(Sys.MADVISE, address, order.bytes(), Mapping.MADV_DONTFORK, 0, 0, 0),
          "keep a buffer from forked children");
      LockedMemfd memfd = new LockedMemfd(calls, find(calls.pid(), address));
      done = true;
      return memfd;
    } finally {
      if (!done && !Errno.isError(made.get())) {
        calls.call(Sys.MUNMAP, made.get(), order.bytes(), 0, 0, 0, 0);
      }
    }
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

  /** Closes the descriptor; a mapping keeps the memory. */
  @Override
  public void close() {
    calls.call(Sys.CLOSE, descriptor, 0, 0, 0, 0, 0);
  }
}
