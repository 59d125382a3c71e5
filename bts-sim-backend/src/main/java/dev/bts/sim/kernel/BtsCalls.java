package dev.bts.sim.kernel;

import dev.bts.api.BufferSpec;
import dev.bts.api.ConfigFlag;
import dev.bts.api.record.BranchBuffer;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.Bts24;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The ptrace commands for branch traces of Linux 2.6.28 ({@code PTRACE_BTS_*}), guarded by the
 * machine's lock.
 *
 * <p>Buffers are charged as 2.6.29 charged them: total_vm and then locked_vm of the tracer, which
 * no capability lifts. They are refunded as it should have: to who has paid, however the trace
 * ends. What 2.6.29 refused with EOPNOTSUPP is done as its header promised: with {@link
 * ConfigFlag#SIGNAL} the tracee is sent a signal when the area is full, which does not wrap then.
 */
public final class BtsCalls {
  /** The branch address that says that a record is no branch. */
  public static final long ESCAPE = -1;

  /** The flags of a record that says when the task has arrived on a CPU (BTS_TASK_ARRIVES). */
  public static final int ARRIVES = 1;

  /** The flags of a record that says when the task has departed from a CPU (BTS_TASK_DEPARTS). */
  public static final int DEPARTS = 2;

  private static final String CALL = "ptrace";
  private static final int LAST_SIGNAL = 64;

  private final Machine machine;

  /** Makes calls on a machine. */
  public BtsCalls(Machine machine) {
    this.machine = machine;
  }

  /**
   * What PTRACE_BTS_STATUS returns.
   *
   * @param bytes the size of the buffer, 0 if there is none
   * @param flags what is recorded
   * @param signal the signal when the buffer is full, 0 if it wraps
   * @param interrupts how often it has been full
   * @param lost how many records had no room since the last time that was asked
   */
  public record Status(long bytes, Set<ConfigFlag> flags, int signal, long interrupts, long lost) {}

  /**
   * PTRACE_BTS_CONFIG.
   *
   * @param bytes the size of the new buffer with {@link ConfigFlag#ALLOC}, 0 for none
   * @param signal the signal with {@link ConfigFlag#SIGNAL}, read when a buffer is made
   * @throws SystemCallException ESRCH if the caller does not trace the task; EINVAL for a signal
   *     that is none, a size that is none, or flags without a buffer; ENOMEM over RLIMIT_AS or
   *     RLIMIT_MEMLOCK of the caller, when the old buffer is gone
   */
  public void config(Task tracer, Task task, long bytes, Set<ConfigFlag> flags, int signal)
      throws SystemCallException {
    synchronized (machine) {
      checkTraces(tracer, task);
      boolean signals = flags.contains(ConfigFlag.SIGNAL);
      boolean fits = bytes == 0 || (bytes >= Bts24.RECORD_BYTES && bytes <= BufferSpec.MAX_BYTES);
      if ((signals && (signal < 1 || signal > LAST_SIGNAL)) || !fits) {
        throw new SystemCallException(Errno.EINVAL, CALL);
      }
      if (flags.contains(ConfigFlag.ALLOC)) {
        release(task);
        if (bytes > 0) {
          task.debugStore(allocate(tracer, (int) bytes, flags, signals ? signal : 0));
        }
        machine.cpu(task).reload(task);
        return;
      }
      DebugStore store = task.debugStore();
      if (store == null || store.isReleased()) {
        throw new SystemCallException(Errno.EINVAL, CALL);
      }
      store.flags(flags);
    }
  }

  private static DebugStore allocate(Task tracer, int bytes, Set<ConfigFlag> flags, int signal)
      throws SystemCallException {
    long pages = BufferSpec.pages(bytes);
    AddressSpace payer = tracer.mm();
    ResourceLimits limits = tracer.group().limits();
    if (ResourceLimits.exceeds(payer.totalPages() + pages, limits.addressSpacePages())
        || ResourceLimits.exceeds(payer.lockedPages() + pages, limits.memlockPages())) {
      throw new SystemCallException(Errno.ENOMEM, CALL);
    }
    payer.map(pages);
    payer.lock(pages);
    return payer.hold(new DebugStore(payer, pages, bytes, flags, signal));
  }

  /** PTRACE_BTS_STATUS. */
  public Status status(Task tracer, Task task) throws SystemCallException {
    synchronized (machine) {
      checkTraces(tracer, task);
      DebugStore store = task.debugStore();
      if (store == null || store.isReleased()) {
        return new Status(0, Set.of(), 0, 0, 0);
      }
      BranchBuffer area = store.area();
      return new Status(
          area.absoluteMaximum(),
          Set.copyOf(store.flags()),
          store.signal(),
          store.interrupts(),
          area.takeRefused());
    }
  }

  /** PTRACE_BTS_SIZE: how many records can be read. */
  public long size(Task tracer, Task task) throws SystemCallException {
    synchronized (machine) {
      return area(tracer, task).size();
    }
  }

  /**
   * PTRACE_BTS_GET.
   *
   * @param index 0 is the newest
   */
  public BranchRecord get(Task tracer, Task task, long index) throws SystemCallException {
    synchronized (machine) {
      BranchBuffer area = area(tracer, task);
      if (index < 0 || index >= area.size()) {
        throw new SystemCallException(Errno.EINVAL, CALL);
      }
      return area.get(index);
    }
  }

  /** PTRACE_BTS_CLEAR. */
  public void clear(Task tracer, Task task) throws SystemCallException {
    synchronized (machine) {
      area(tracer, task).clear();
    }
  }

  /** PTRACE_BTS_DRAIN: returns all records, oldest first, and clears the buffer. */
  public List<BranchRecord> drain(Task tracer, Task task) throws SystemCallException {
    synchronized (machine) {
      BranchBuffer area = area(tracer, task);
      List<BranchRecord> records = new ArrayList<>();
      BranchCursor cursor = area.cursor();
      while (cursor.next()) {
        records.add(new BranchRecord(cursor.from(), cursor.to(), cursor.flags(), cursor.tid()));
      }
      area.clear();
      return records;
    }
  }

  private static BranchBuffer area(Task tracer, Task task) throws SystemCallException {
    checkTraces(tracer, task);
    DebugStore store = task.debugStore();
    if (store == null || store.isReleased()) {
      throw new SystemCallException(Errno.EINVAL, CALL);
    }
    return store.area();
  }

  private static void checkTraces(Task tracer, Task task) throws SystemCallException {
    if (task.isGone() || task.observer() == null || task.tracer() != tracer) {
      throw new SystemCallException(Errno.ESRCH, CALL);
    }
  }

  /** The trace of a task ends (ptrace_bts_untrace). */
  static void release(Task task) {
    DebugStore store = task.debugStore();
    if (store != null) {
      store.release();
      task.debugStore(null);
    }
  }
}
