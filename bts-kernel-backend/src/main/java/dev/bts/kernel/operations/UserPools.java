package dev.bts.kernel.operations;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.helper.CallChannel;
import dev.bts.kernel.helper.OwnSegment;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.PerfEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Measures the pools of a user that no file shows, again and again, by a process of that user that
 * lives as long: quick enough for every step of a sequence.
 *
 * <p>SHM_LOCK: a page of its own is allowed under a soft limit of use plus one, and refused under a
 * limit of use; where the guess is right, two tries prove it. Perf: a ring that is larger than the
 * gift is mapped; what is beyond the gift is on the process's VmPin, and more by what others use.
 */
final class UserPools implements AutoCloseable {
  /** A process that holds the table of limits, from which those of the users are forked. */
  static final class Source implements AutoCloseable {
    private final CallChannel nursery;
    private final CallChannel channel;
    private final long hardBytes;
    private final long most;

    /** Forks it; the soft limits it tries go up to the hard one. */
    Source(CallChannel nursery, long hardBytes) {
      this.nursery = nursery;
      this.hardBytes = hardBytes;
      this.most =
          hardBytes == Rlimit.INFINITY
              ? MOST_PAGES
              : Math.min(MOST_PAGES, hardBytes / Mapping.PAGE_BYTES);
      this.channel = nursery.fork(Signals.SIGCHLD, 0, false);
      mapTable();
    }

    private void mapTable() {
      long entries = most + 1;
      Errno.check(
          channel.call(
              Sys.MMAP,
              TABLE,
              entries * Rlimit.BYTES,
              Mapping.PROT_READ | Mapping.PROT_WRITE,
              Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS | Mapping.MAP_FIXED_NOREPLACE,
              -1,
              0),
          "map memory in a helper process");
      ByteBuffer table =
          ByteBuffer.allocate((int) entries * Rlimit.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (long pages = 0; pages < entries; pages++) {
        table.putLong(pages * Mapping.PAGE_BYTES).putLong(hardBytes);
      }
      channel.write(TABLE, table.array());
    }

    @Override
    public void close() {
      channel.close();
      nursery.call(Sys.WAIT4, channel.id(), 0, Ptrace.WALL, 0);
    }
  }

  private static final long TABLE = Scratch.ADDRESS + 0x100_0000L;
  private static final long MOST_PAGES = 1L << 13;

  private final Source source;
  private final CallChannel channel;
  private final long gift;
  private final long ringPages;
  private final int segment;

  /**
   * Starts measuring.
   *
   * @param user makes a process one of the user's
   */
  UserPools(Source source, Consumer<CallChannel> user) {
    this.source = source;
    this.gift = PerfEvent.giftPages();
    this.ringPages = 1 + 2 * Long.highestOneBit(Math.max(1, gift));
    if (ringPages > source.most) {
      throw new KernelException(
          new Explanation(
              "measure what perf has of a user's gift",
              "that takes a ring of "
                  + ringPages
                  + " pages, and the hard RLIMIT_MEMLOCK is "
                  + source.most
                  + " pages",
              "raise the hard limit, or lower sysctl kernel.perf_event_mlock_kb"),
          Errno.EPERM);
    }
    this.channel = source.channel.fork(Signals.SIGCHLD, 0, false);
    boolean ready = false;
    try {
      user.accept(channel);
      this.segment = OwnSegment.make(channel);
      ready = true;
    } finally {
      if (!ready) {
        close();
      }
    }
  }

  /** Returns the pages under SHM_LOCK; at least so many if it is all that the hard limit allows. */
  long locked(long guess) {
    if (guess >= 0 && guess < source.most && allows(guess + 1) && !allows(guess)) {
      return guess;
    }
    long refused = -1;
    long allowed = source.most + 1;
    while (allowed - refused > 1) {
      long middle = refused + (allowed - refused) / 2;
      if (allows(middle)) {
        allowed = middle;
      } else {
        refused = middle;
      }
    }
    return allowed - 1;
  }

  /** Returns the pages that perf and io_uring have of the gift; the gift if all of it, or more. */
  long perf(long guess) {
    limit(source.most);
    // The smallest ring that goes beyond the gift if the guess is right: pages take time.
    long pages = ringPages;
    while (guess >= 0 && guess + 1 + (pages - 1) / 2 > gift && pages > 1) {
      pages = 1 + (pages - 1) / 2;
    }
    long beyond = beyond(pages);
    if (beyond == 0) {
      pages = ringPages;
      beyond = beyond(pages);
    }
    return beyond - pages + gift;
  }

  /** Returns how many pages of a new ring are beyond the gift. */
  private long beyond(long pages) {
    // The ring of an event that had one before would be mapped after a grace period of RCU only.
    long event =
        Errno.check(
            channel.call(Sys.PERF_EVENT_OPEN, Scratch.EVENT, 0, -1, -1, 0),
            "open a perf event that counts nothing, which kernel.perf_event_paranoid above 2 or a"
                + " seccomp profile can forbid");
    long mapped =
        channel.call(
            Sys.MMAP,
            0,
            pages * Mapping.PAGE_BYTES,
            Mapping.PROT_READ | Mapping.PROT_WRITE,
            Mapping.MAP_SHARED,
            event,
            0);
    channel.call(Sys.CLOSE, event);
    Errno.check(mapped, "map a perf ring of " + pages + " pages");
    long pinned = ProcFile.statusPages(channel.id(), "VmPin");
    Errno.check(channel.call(Sys.MUNMAP, mapped, pages * Mapping.PAGE_BYTES), "unmap a perf ring");
    return pinned;
  }

  /** Returns what a ring of io_uring of four entries adds, 0 if it is refused. */
  long uringPages() {
    long before = perf(0);
    long ring = channel.call(Sys.IO_URING_SETUP, KernelRun.URING_ENTRIES, Scratch.RING);
    if (Errno.isError(ring)) {
      return 0;
    }
    long pages = perf(0) - before;
    channel.call(Sys.CLOSE, ring);
    return pages;
  }

  /** Returns whether the user may make user namespaces; the process is in one afterwards. */
  boolean unshares() {
    return channel.call(Sys.UNSHARE, KernelRun.CLONE_NEWUSER) == 0;
  }

  @Override
  public void close() {
    channel.close();
    source.channel.call(Sys.WAIT4, channel.id(), 0, Ptrace.WALL, 0);
  }

  private boolean allows(long pages) {
    limit(pages);
    long locked = channel.call(Sys.SHMCTL, segment, SystemV.SHM_LOCK);
    if (locked == -Errno.ENOMEM || locked == -Errno.EPERM) {
      return false;
    }
    Errno.check(locked, "lock a System V segment of one page");
    Errno.check(
        channel.call(Sys.SHMCTL, segment, SystemV.SHM_UNLOCK),
        "unlock a System V segment of one page");
    return true;
  }

  private void limit(long pages) {
    Errno.check(
        channel.call(Sys.PRLIMIT64, 0, Rlimit.MEMLOCK, TABLE + pages * Rlimit.BYTES, 0),
        "set RLIMIT_MEMLOCK of a helper process");
  }
}
