package dev.bts.kernel.memory;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
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
  private final ByteBuffer bytes;
  private boolean released;

  private TracerMemory(LockedMemfd memfd, PageOrder order) {
    this.memfd = memfd;
    this.pages = order.pages();
    this.bytes = Mapping.view(memfd.address(), order.bytes());
  }

  /**
   * Allocates.
   *
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws KernelException if it refuses for another reason; either way nothing is left
   */
  public static TracerMemory allocate(PageOrder order) {
    try (OwnCalls calls = new OwnCalls()) {
      LockedMemfd memfd = LockedMemfd.create(order, calls, NAME);
      memfd.closeDescriptor();
      return new TracerMemory(memfd, order);
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
    Errno.check(memfd.unmap(), "unmap a buffer");
  }
}
