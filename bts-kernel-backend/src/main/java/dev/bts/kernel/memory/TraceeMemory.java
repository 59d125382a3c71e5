package dev.bts.kernel.memory;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;

/**
 * Memory that the tracee pays for: a memfd, mapped and locked in the tracee by calls that it
 * executes, and mapped here too, unlocked. Charged to the tracee's total_vm and locked_vm, and
 * beyond that to this process's total_vm, whose limit the kernel checks as well.
 */
public final class TraceeMemory implements BufferMemory {
  /** The name in /proc/PID/maps, after {@code /memfd:}. */
  public static final String NAME = "bts:tracee";

  private final LockedMemfd memfd;
  private final long pages;
  private final long viewAddress;
  private final ByteBuffer bytes;
  private boolean released;

  private TraceeMemory(LockedMemfd memfd, PageOrder order, long viewAddress) {
    this.memfd = memfd;
    this.pages = order.pages();
    this.viewAddress = viewAddress;
    this.bytes = Mapping.view(viewAddress, order.bytes());
  }

  /**
   * Allocates.
   *
   * @param tracee executes calls now, and again when the memory is released
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws dev.bts.api.TargetException if the tracee tampers with it meanwhile
   * @throws KernelException if it refuses for another reason; in all cases nothing is left
   */
  public static TraceeMemory allocate(PageOrder order, RemoteCalls tracee) {
    LockedMemfd memfd = LockedMemfd.create(order, tracee, NAME);
    boolean done = false;
    try {
      long address = mapHere(order, tracee.pid(), memfd);
      done = true;
      return new TraceeMemory(memfd, order, address);
    } finally {
      memfd.closeDescriptor();
      if (!done) {
        memfd.unmap();
      }
    }
  }

  private static long mapHere(PageOrder order, int pid, LockedMemfd memfd) {
    try (ForeignMemfd opened =
        ForeignMemfd.open(pid, memfd.descriptor(), memfd.inode(), order.bytes())) {
      long mapped =
          Sys.call(
              Sys.MMAP,
              0,
              order.bytes(),
              Mapping.PROT_READ | Mapping.PROT_WRITE,
              Mapping.MAP_SHARED,
              opened.descriptor(),
              0);
      return Errno.check(mapped, "map a buffer of process " + pid + " in the tracer");
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
    long here = Sys.call(Sys.MUNMAP, viewAddress, pages * Mapping.PAGE_BYTES);
    long there = memfd.unmap();
    Errno.check(here, "unmap a buffer");
    Errno.check(there, "unmap a buffer in the tracee");
  }
}
