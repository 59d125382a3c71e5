package dev.bts.sim.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A perf event that counts nothing ({@code struct perf_event}), with the ring that may be mapped
 * through its descriptor (6.18 kernel/events/core.c, perf_mmap_rb and perf_mmap_close).
 */
final class PerfEvent extends OpenFile {
  private final Memory memory;
  private @Nullable PerfMapping ring;
  private long ringPages;
  private int mappings;

  PerfEvent(Memory memory) {
    this.memory = memory;
  }

  /**
   * A mapping of the ring is made.
   *
   * @throws SystemCallException EINVAL if a ring cannot have this size, or has another; EPERM over
   *     RLIMIT_MEMLOCK
   */
  void map(Task task, long pages) throws SystemCallException {
    long dataPages = pages - 1;
    if (dataPages != 0 && Long.bitCount(dataPages) != 1) {
      throw new SystemCallException(Errno.EINVAL, "mmap");
    }
    User user = memory.perfUser(task.credentials().principal());
    if (ring != null) {
      if (pages != ringPages) {
        throw new SystemCallException(Errno.EINVAL, "mmap");
      }
      if (memory.kernel().chargesSecondMapping()) {
        user.chargePerf(pages);
      }
    } else {
      ring =
          PerfMapping.map(
              user,
              task.mm(),
              pages,
              memory.perfGiftPages(),
              task.credentials(),
              task.group().limits());
      ringPages = pages;
    }
    mappings++;
  }

  boolean mapped() {
    return ring != null;
  }

  /** A mapping of the ring is closed, by this address space. */
  void unmap(AddressSpace closing) {
    mappings--;
    PerfMapping last = ring;
    if (mappings == 0 && last != null) {
      ring = null;
      last.refund(memory.kernel().refundsClosingMm() ? closing : last.mapper());
    }
  }

  @Override
  void release() {}
}
