package dev.bts.kernel.memory;

import dev.bts.api.charging.Account;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Memory that this process and the tracee both use: a memfd, made in the tracee and mapped on both
 * sides, and locked on the side of who pays. Charged to the total_vm and locked_vm of the payer,
 * and beyond that to the other's total_vm.
 */
final class SharedMemory implements BufferMemory {
  /** Who pays. */
  enum Payer {
    /** This process, which locks it. */
    TRACER(TracerMemory.NAME),
    /** The tracee, which locks it. */
    TRACEE(TraceeMemory.NAME),
    /** The control group of this process. */
    GROUP(GroupMemory.NAME);

    private final String name;

    Payer(String name) {
      this.name = name;
    }
  }

  private final LockedMemfd there;

  /** The mapping that is locked, null if none is. */
  private final @Nullable LockedMemfd locked;

  /** The file that a group pays for, null if none does. */
  private final @Nullable FilledMemfd filled;

  private final BufferView view;
  private final long pages;
  private final ByteBuffer bytes;
  private boolean released;

  private long pagesAfterRelease;

  private SharedMemory(
      LockedMemfd there,
      @Nullable LockedMemfd locked,
      @Nullable FilledMemfd filled,
      BufferView view,
      PageOrder order) {
    this.there = there;
    this.locked = locked;
    this.filled = filled;
    this.view = view;
    this.pages = order.pages();
    this.bytes = view.records();
  }

  /**
   * Allocates.
   *
   * @throws dev.bts.api.ChargeRefusedException if the kernel refuses because of a limit
   * @throws dev.bts.api.TargetException if the tracee tampers with it meanwhile
   * @throws dev.bts.api.KernelException if it refuses for another reason; in all cases nothing is
   *     left
   */
  static SharedMemory allocate(
      PageOrder order, RemoteCalls tracee, TraceePlace place, Payer payer) {
    try (NewMemfd memfd = NewMemfd.create(order, tracee, payer.name)) {
      String link = "fd/" + memfd.descriptor();
      try (ForeignMemfd opened = ForeignMemfd.open(tracee.pid(), link, order.bytes())) {
        FilledMemfd filled = payer == Payer.GROUP ? fill(order, opened) : null;
        BufferView view = null;
        boolean done = false;
        try {
          view = BufferView.of(opened.descriptor(), order.bytes());
          LockedMemfd here = payer == Payer.TRACER ? lockHere(order, opened, view) : null;
          view.own(BufferHeader.ofTranslation(order.policy(), order.bytes()));
          LockedMemfd there = memfd.map(place, payer == Payer.TRACEE);
          if (!there.mapping().isMemfd(payer.name, opened.inode())) {
            there.unmap();
            throw ForeignMemfd.replaced(tracee.pid(), link);
          }
          done = true;
          return new SharedMemory(there, payer == Payer.TRACEE ? there : here, filled, view, order);
        } finally {
          if (!done) {
            if (view != null) {
              view.unmap();
            }
            if (filled != null) {
              filled.close();
            }
          }
        }
      }
    }
  }

  private static FilledMemfd fill(PageOrder order, ForeignMemfd opened) {
    return FilledMemfd.fill(
        order,
        KernelAccounts.memoryController(Account.groupMemory(order.payer().group())),
        opened.descriptor());
  }

  private static LockedMemfd lockHere(PageOrder order, ForeignMemfd opened, BufferView view) {
    try (OwnCalls own = new OwnCalls()) {
      return NewMemfd.of(order, own, opened.descriptor()).lock(view.address());
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
    if (filled != null) {
      return released ? pagesAfterRelease : filled.pages();
    }
    return locked == null ? 0 : locked.mappedPages();
  }

  @Override
  public long lockedPages() {
    return locked == null ? 0 : locked.lockedPages();
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    pagesAfterRelease = pages;
    long result = there.unmap();
    try (FilledMemfd emptied = filled) {
      Errno.check(view.unmap(), "unmap a buffer");
      if (emptied != null) {
        emptied.punch(pages * Mapping.PAGE_BYTES);
        pagesAfterRelease = emptied.pages();
      }
    }
    Errno.check(result, "unmap a buffer in the tracee");
  }
}
