package dev.bts.kernel.memory;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import java.nio.ByteBuffer;

/**
 * Memory that the tracer pays for: a memfd, mapped and locked in this process. Charged to its
 * total_vm and locked_vm.
 */
public final class TracerMemory implements BufferMemory {
  /** The name in /proc/PID/maps, after {@code /memfd:}. */
  public static final String NAME = "bts:tracer";

  private final LockedMemfd memfd;
  private final long pages;
  private final BufferView view;
  private final ByteBuffer bytes;
  private boolean released;

  private TracerMemory(LockedMemfd memfd, PageOrder order, BufferView view) {
    this.memfd = memfd;
    this.pages = order.pages();
    this.view = view;
    this.bytes = view.records();
  }

  /**
   * Allocates.
   *
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws KernelException if it refuses for another reason; either way nothing is left
   */
  public static TracerMemory allocate(PageOrder order) {
    BufferView view = BufferView.reserve(order.bytes());
    boolean done = false;
    try (OwnCalls calls = new OwnCalls();
        NewMemfd memfd = NewMemfd.create(order, calls, NAME)) {
      LockedMemfd locked = memfd.lock(view.address());
      view.own(BufferHeader.ofThisProcess(order.policy(), order.bytes()));
      done = true;
      return new TracerMemory(locked, order, view);
    } finally {
      if (!done) {
        view.unmap();
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
    return memfd.mappedPages();
  }

  @Override
  public long lockedPages() {
    return memfd.lockedPages();
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    Errno.check(view.unmap(), "unmap a buffer");
  }
}
