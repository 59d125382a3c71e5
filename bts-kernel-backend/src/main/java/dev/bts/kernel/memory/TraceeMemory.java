package dev.bts.kernel.memory;

import dev.bts.api.KernelException;
import dev.bts.kernel.sys.Errno;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the tracee pays for: a memfd, mapped and locked in the tracee by calls that it
 * executes, and mapped here too, unlocked. Charged to the tracee's total_vm and locked_vm, and
 * beyond that to this process's total_vm, whose limit the kernel checks as well.
 *
 * <p>It is opened and marked as this thread's here before the tracee maps it, and unmapped there
 * before the mark is taken off: at whatever moment this process is killed, what the tracee is left
 * with says so.
 */
public final class TraceeMemory implements BufferMemory {
  /** The name in /proc/PID/maps, after {@code /memfd:}. */
  public static final String NAME = "bts:tracee";

  private final LockedMemfd memfd;
  private final long pages;

  /** Where it is mapped here, null if it is not. */
  private final @Nullable BufferView view;

  private final ByteBuffer bytes;
  private boolean released;

  private TraceeMemory(LockedMemfd memfd, long pages, @Nullable BufferView view) {
    this.memfd = memfd;
    this.pages = pages;
    this.view = view;
    this.bytes = view == null ? ByteBuffer.allocate(0) : view.records();
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
    try (NewMemfd memfd = NewMemfd.create(order, tracee, NAME)) {
      String link = "fd/" + memfd.descriptor();
      try (ForeignMemfd opened = ForeignMemfd.open(tracee.pid(), link, order.bytes())) {
        BufferView view = BufferView.of(opened.descriptor(), order.bytes());
        boolean done = false;
        try {
          view.own(BufferHeader.ofThisProcess(order.policy(), order.bytes()));
          LockedMemfd locked = memfd.lock(NewMemfd.ANYWHERE);
          if (!locked.mapping().isMemfd(NAME, opened.inode())) {
            locked.unmap();
            throw ForeignMemfd.replaced(tracee.pid(), link);
          }
          done = true;
          return new TraceeMemory(locked, order.pages(), view);
        } finally {
          if (!done) {
            view.unmap();
          }
        }
      }
    }
  }

  /** Takes over what a dead tracer has left in the tracee, to give it back when it is released. */
  static TraceeMemory ofOrphan(BufferHolder orphan, RemoteCalls tracee, @Nullable BufferView view) {
    return new TraceeMemory(new LockedMemfd(tracee, orphan.pieces().get(0)), orphan.pages(), view);
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
    long there;
    long here = 0;
    try {
      there = memfd.unmap();
    } finally {
      here = view == null ? 0 : view.unmap();
    }
    Errno.check(here, "unmap a buffer");
    Errno.check(there, "unmap a buffer in the tracee");
  }
}
