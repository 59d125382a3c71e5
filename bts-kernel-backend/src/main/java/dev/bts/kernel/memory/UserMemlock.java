package dev.bts.kernel.memory;

import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.helper.OwnSegment;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Rlimit;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Measures what a user has locked with SHM_LOCK, which no file shows.
 *
 * <p>A helper without CAP_IPC_LOCK locks a segment of one page under soft limits of its own: the
 * kernel allows it if use plus one is within the limit, so the smallest limit that allows it is use
 * plus one. Others of the user are refused a page too many while the helper holds its own, for some
 * microseconds. The answer cannot go beyond the hard limit, which a helper without CAP_SYS_RESOURCE
 * cannot raise.
 */
final class UserMemlock {
  /**
   * What was measured.
   *
   * @param pages pages in use
   * @param exact false if at least so many are in use: as many as the hard limit allows
   */
  record Use(long pages, boolean exact) {}

  /** More pages than a machine can have, few enough for their bytes to be counted. */
  private static final long MAX_PAGES = 1L << 40;

  private final HelperProcess helper;
  private final long limits;
  private final int segment;

  private UserMemlock(HelperProcess helper, long limits) {
    this.helper = helper;
    this.limits = limits;
    this.segment = OwnSegment.make(helper.channel());
  }

  /**
   * Measures; takes some milliseconds.
   *
   * @param uid whose real user id
   * @throws dev.bts.api.KernelException if this process may not become that user
   */
  static Use measure(int uid) {
    try (HelperProcess helper = HelperProcess.start()) {
      long limits = helper.map(Rlimit.BYTES);
      long hard = raiseHardLimit(helper, limits);
      UserHelper.become(helper, uid);
      UserMemlock probe = new UserMemlock(helper, limits);
      return IpcLock.without(new HelperCalls(helper), () -> probe.bisect(hard));
    }
  }

  /** Returns the hard limit in bytes: none, if the helper may lift it. */
  private static long raiseHardLimit(HelperProcess helper, long limits) {
    if (setLimit(helper, limits, Rlimit.INFINITY, Rlimit.INFINITY) == 0) {
      return Rlimit.INFINITY;
    }
    return Rlimit.hard(helper.pid(), Rlimit.MEMLOCK_ROW);
  }

  private Use bisect(long hard) {
    long ceiling =
        hard == Rlimit.INFINITY ? MAX_PAGES : Math.min(MAX_PAGES, hard / Mapping.PAGE_BYTES);
    long refused = 0;
    long allowed = Math.min(1, ceiling);
    while (allowed == 0 || !allows(allowed, hard)) {
      if (allowed >= ceiling) {
        return new Use(ceiling, false);
      }
      refused = allowed;
      allowed = Math.min(2 * allowed, ceiling);
    }
    while (allowed - refused > 1) {
      long middle = refused + (allowed - refused) / 2;
      if (allows(middle, hard)) {
        allowed = middle;
      } else {
        refused = middle;
      }
    }
    return new Use(allowed - 1, true);
  }

  /** Returns whether one page more can be locked under a soft limit of so many pages. */
  private boolean allows(long pages, long hard) {
    Errno.check(
        setLimit(helper, limits, pages * Mapping.PAGE_BYTES, hard),
        "set RLIMIT_MEMLOCK of a helper process");
    long locked = helper.call(Sys.SHMCTL, segment, SystemV.SHM_LOCK);
    if (locked == -Errno.ENOMEM) {
      return false;
    }
    Errno.check(locked, "lock a System V segment of one page");
    Errno.check(
        helper.call(Sys.SHMCTL, segment, SystemV.SHM_UNLOCK),
        "unlock a System V segment of one page");
    return true;
  }

  private static long setLimit(HelperProcess helper, long limits, long soft, long hard) {
    ByteBuffer limit = ByteBuffer.allocate(Rlimit.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    limit.putLong(Rlimit.SOFT_OFFSET, soft).putLong(Rlimit.HARD_OFFSET, hard);
    helper.write(limits, limit.array());
    return helper.call(Sys.PRLIMIT64, 0, Rlimit.MEMLOCK, limits, 0);
  }
}
