package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the tracer's real user pays for: a System V segment under SHM_LOCK. Charged to the
 * user's ucounts, one pool for all processes of the user (mm/mlock.c, user_shm_lock).
 *
 * <p>The segment is removed before it is locked, so that from the first charged page on it goes
 * with its last attachment, even if the tracer is killed.
 */
public final class UserMemory implements BufferMemory {
  /**
   * What the keys of segments begin with, in the upper three bytes: "bts". They show in
   * /proc/PID/maps as {@code /SYSV627473xx (deleted)}.
   */
  public static final int KEY_PREFIX = 'b' << 24 | 't' << 16 | 's' << 8;

  /** How many keys begin so: more segments than that are never between creation and removal. */
  private static final int KEYS = 256;

  private static final String IPC_NAMESPACE = "ns/ipc";

  private final @Nullable Attachment there;
  private final int id;
  private final long pages;
  private final BufferView view;
  private final ByteBuffer bytes;
  private boolean released;

  private UserMemory(int id, PageOrder order, BufferView view, @Nullable Attachment there) {
    this.there = there;
    this.id = id;
    this.pages = order.pages();
    this.view = view;
    this.bytes = view.records();
  }

  /**
   * Allocates. The calling thread's RLIMIT_MEMLOCK and real user count.
   *
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws KernelException if it refuses for another reason; either way nothing is left
   */
  public static UserMemory allocate(PageOrder order) {
    return allocate(order, null, null);
  }

  /**
   * Allocates what a tracee uses as well.
   *
   * @param tracee executes calls now, and again when the memory is released
   * @param place where it is to have it
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws KernelException if it refuses for another reason, as it does where the tracee belongs
   *     to another user or IPC namespace; either way nothing is left
   */
  static UserMemory allocate(
      PageOrder order, @Nullable RemoteCalls tracee, @Nullable TraceePlace place) {
    BufferView view = BufferView.reserve(order.bytes());
    boolean done = false;
    try {
      int id = create(order.bytes());
      long attached = Sys.call(Sys.SHMAT, id, view.address(), SystemV.SHM_REMAP, 0);
      // Nobody else removes it: it would outlive all processes.
      long removed = Insistence.call(() -> Sys.call(Sys.SHMCTL, id, SystemV.IPC_RMID, 0, 0));
      Errno.check(attached, "attach a System V segment of " + order.bytes() + " bytes");
      Errno.check(removed, "remove a System V segment with its last attachment");
      lock(order, id);
      view.own(
          place == null
              ? BufferHeader.ofThisProcess(order.policy(), order.bytes())
              : BufferHeader.ofTranslation(order.policy(), order.bytes()));
      Attachment there = tracee == null || place == null ? null : attach(id, order, tracee, place);
      done = true;
      return new UserMemory(id, order, view, there);
    } finally {
      if (!done) {
        view.unmap();
      }
    }
  }

  /** The segment as a tracee has it. */
  private record Attachment(RemoteCalls tracee, long address) {
    long detach() {
      return tracee.call(Sys.SHMDT, address, 0, 0, 0, 0, 0);
    }
  }

  private static Attachment attach(int id, PageOrder order, RemoteCalls tracee, TraceePlace place) {
    int flags = place.executable() ? SystemV.SHM_EXEC | SystemV.SHM_RDONLY : 0;
    String asked = "attach a System V segment in process " + tracee.pid();
    long address = tracee.call(Sys.SHMAT, id, place.address(), flags, 0, 0, 0);
    if (address < 0) {
      refuseOtherNamespace(tracee.pid(), asked, address);
    }
    Errno.check(address, asked);
    Attachment attached = new Attachment(tracee, place.address());
    boolean done = false;
    try {
      Errno.check(
          tracee.call(Sys.MADVISE, place.address(), order.bytes(), Mapping.MADV_DONTFORK, 0, 0, 0),
          "keep a segment from forked children");
      done = true;
      return attached;
    } finally {
      if (!done) {
        attached.detach();
      }
    }
  }

  /** In another IPC namespace the segment's id means nothing, or another segment. */
  private static void refuseOtherNamespace(int pid, String asked, long result) {
    String there = ProcFile.link(pid, IPC_NAMESPACE);
    String here = ProcFile.link((int) ProcessHandle.current().pid(), IPC_NAMESPACE);
    if (!there.isEmpty() && !there.equals(here)) {
      throw new KernelException(
          new Explanation(
              asked,
              "it is in another IPC namespace, " + there + ", than the tracer, " + here,
              "choose --charge tracee, or let both share an IPC namespace"),
          (int) -result);
    }
  }

  private static int create(long bytes) {
    int flags = SystemV.IPC_CREAT | SystemV.IPC_EXCL | SystemV.OWNER_ONLY;
    long created = -Errno.EEXIST;
    for (int i = 0; i < KEYS && created == -Errno.EEXIST; i++) {
      created = Sys.call(Sys.SHMGET, KEY_PREFIX | i, bytes, flags, 0);
    }
    return (int) Errno.check(created, "create a System V segment of " + bytes + " bytes");
  }

  private static void lock(PageOrder order, int id) {
    long locked;
    if (order.accounts().strict()) {
      try (OwnCalls calls = new OwnCalls()) {
        locked = IpcLock.without(calls, () -> Sys.call(Sys.SHMCTL, id, SystemV.SHM_LOCK, 0, 0));
      }
    } else {
      locked = Sys.call(Sys.SHMCTL, id, SystemV.SHM_LOCK, 0, 0);
    }
    if (locked < 0) {
      throw order.refused((int) -locked, Account.userMemlock(order.payer().principal()));
    }
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public long pages() {
    return pages;
  }

  @Override
  public long mappedPages() {
    return 0;
  }

  @Override
  public long lockedPages() {
    return isLocked(id).orElse(false) ? pages : 0;
  }

  /** Returns whether a segment is under SHM_LOCK; empty if this process may not ask. */
  static Optional<Boolean> isLocked(int id) {
    try (NativeBuffer status = new NativeBuffer(SystemV.SHMID_BYTES)) {
      long answer = Sys.call(Sys.SHMCTL, id, SystemV.IPC_STAT, status.address(), 0);
      return answer < 0
          ? Optional.empty()
          : Optional.of((status.bytes().getInt(SystemV.MODE_OFFSET) & SystemV.SHM_LOCKED) != 0);
    }
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    long detached = there == null ? 0 : there.detach();
    Errno.check(view.unmap(), "detach a System V segment");
    // A process that has executed another program, or is gone, has it no longer.
    if (detached != -Errno.EINVAL && detached != -Errno.ESRCH) {
      Errno.check(detached, "detach a System V segment in the tracee");
    }
  }
}
