package dev.bts.kernel.memory;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;

/**
 * Memory that the tracer's memory control group pays for: a {@link FilledMemfd}, mapped in this
 * process. Charged to the memory of the group and of all above it, and beyond that to this
 * process's total_vm.
 *
 * <p>It is not locked. Pages may be swapped out; they are still the group's, on its counter of
 * swap.
 */
public final class GroupMemory implements BufferMemory {
  /** The name in /proc/PID/maps, after {@code /memfd:}. */
  public static final String NAME = "bts:cgroup";

  private final FilledMemfd memfd;
  private final BufferView view;
  private final long pages;
  private final ByteBuffer bytes;
  private long pagesAfterRelease;
  private boolean released;

  private GroupMemory(FilledMemfd memfd, BufferView view, PageOrder order) {
    this.memfd = memfd;
    this.view = view;
    this.pages = order.pages();
    this.bytes = view.records();
  }

  /**
   * Allocates, for the group of the order's payer, which is this process.
   *
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws dev.bts.api.InvalidRequestException if a full group would take the tracer with it
   * @throws KernelException if it refuses for another reason; in all cases nothing is left
   */
  static GroupMemory allocate(PageOrder order, MemoryController controller) {
    FilledMemfd memfd = FilledMemfd.create(order, controller, NAME);
    BufferView view = null;
    boolean done = false;
    try {
      view = BufferView.of(memfd.descriptor(), order.bytes());
      Errno.check(
          Sys.call(Sys.MADVISE, view.address(), order.bytes(), Mapping.MADV_DONTFORK, 0),
          "keep a buffer from forked children");
      view.own(BufferHeader.ofThisProcess(order.policy(), order.bytes()));
      done = true;
      return new GroupMemory(memfd, view, order);
    } finally {
      if (!done) {
        if (view != null) {
          view.unmap();
        }
        memfd.close();
      }
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
    return released ? pagesAfterRelease : memfd.pages();
  }

  @Override
  public long lockedPages() {
    return 0;
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    pagesAfterRelease = pages;
    try (FilledMemfd emptied = memfd) {
      Errno.check(view.unmap(), "unmap a buffer");
      emptied.empty();
      pagesAfterRelease = emptied.pages();
    }
  }
}
