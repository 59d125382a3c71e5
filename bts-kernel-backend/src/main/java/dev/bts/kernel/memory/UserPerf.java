package dev.bts.kernel.memory;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.PerfEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;

/**
 * Measures how much of perf's gift a user has in use ({@code user->locked_vm}, which perf and
 * io_uring share and no file shows).
 *
 * <p>A helper maps rings of events that count nothing, from large to small, until a page goes
 * beyond the gift: the kernel then charges that page to the helper's pinned_vm, which /proc shows
 * as VmPin, or refuses it over RLIMIT_MEMLOCK (kernel/events/core.c, perf_mmap). What the helper
 * holds is the rest of the gift. It has all of it for some milliseconds; others of the user who map
 * a ring just then pay from their RLIMIT_MEMLOCK. The kernel takes everything back when the helper
 * ends.
 */
final class UserPerf {
  private final HelperProcess helper;
  private final long attribute;
  private final long gift;
  private long held;

  private UserPerf(HelperProcess helper, long gift) {
    this.helper = helper;
    this.attribute = helper.place(PerfEvent.dummy());
    this.gift = gift;
  }

  /**
   * Returns the pages in use, the gift if all of it is.
   *
   * @throws KernelException if the kernel does not let the helper use perf, or become the user
   */
  static long measure(int uid) {
    long gift = PerfEvent.giftPages();
    try (HelperProcess helper = HelperProcess.start()) {
      UserHelper.become(helper, uid);
      return new UserPerf(helper, gift).fill();
    }
  }

  private long fill() {
    long dataPages = Long.highestOneBit(Math.max(1, gift));
    while (true) {
      // A ring is one page of management and 2^k or no pages of data.
      long pages = 1 + dataPages;
      long answer = mapRing(pages);
      if (answer == -Errno.EPERM) {
        if (dataPages == 0) {
          return gift - held;
        }
        dataPages /= 2;
        continue;
      }
      Errno.check(answer, "map a ring of " + pages + " pages in a helper process");
      long beyond = ProcFile.statusPages(helper.pid(), "VmPin");
      if (beyond > 0) {
        return gift - held - (pages - beyond);
      }
      held += pages;
    }
  }

  private long mapRing(long pages) {
    long event = helper.call(Sys.PERF_EVENT_OPEN, attribute, 0, -1, -1, 0);
    if (Errno.isError(event)) {
      int errno = (int) -event;
      throw new KernelException(
          new Explanation(
              "measure what perf has of the user's gift",
              "no file shows it, and perf_event_open answered "
                  + Errno.name(errno)
                  + "; perf_event_paranoid is "
                  + PerfEvent.paranoid(),
              errno == Errno.EACCES || errno == Errno.EPERM
                  ? "lower sysctl kernel.perf_event_paranoid to 2, and allow perf_event_open in the"
                      + " seccomp profile"
                  : "use a kernel with CONFIG_PERF_EVENTS"),
          errno);
    }
    return helper.call(
        Sys.MMAP,
        0,
        pages * Mapping.PAGE_BYTES,
        Mapping.PROT_READ | Mapping.PROT_WRITE,
        Mapping.MAP_SHARED,
        event,
        0);
  }
}
