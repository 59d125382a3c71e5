package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Insistence;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A buffer's memory as this process has it mapped: one private page with the node of the owner's
 * {@link LivenessList}, and behind it the shared pages, which begin with a {@link BufferHeader}.
 *
 * <p>The private page is on the total_vm of this process and on nobody's receipt.
 */
final class BufferView {
  /** The distance from a node, which begins the private page, to its liveness word. */
  static final long NODE_TO_WORD_BYTES = Mapping.PAGE_BYTES + BufferHeader.LIVENESS_OFFSET;

  private final long base;
  private final long sharedBytes;
  private @Nullable LivenessList owner;

  private BufferView(long base, long sharedBytes) {
    this.base = base;
    this.sharedBytes = sharedBytes;
  }

  /**
   * Takes addresses for a view; what is shared is still to be mapped, at {@link #address}.
   *
   * @throws dev.bts.api.KernelException if the kernel refuses
   */
  static BufferView reserve(long sharedBytes) {
    long all = Mapping.PAGE_BYTES + sharedBytes;
    int flags = Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS | Mapping.MAP_NORESERVE;
    long base =
        Errno.check(
            Sys.call(Sys.MMAP, 0, all, Mapping.PROT_NONE, flags, -1, 0),
            "find " + all + " bytes of addresses for a buffer in the tracer");
    BufferView view = new BufferView(base, sharedBytes);
    boolean done = false;
    try {
      int access = Mapping.PROT_READ | Mapping.PROT_WRITE;
      Errno.check(
          Sys.call(Sys.MPROTECT, base, Mapping.PAGE_BYTES, access, 0),
          "give a buffer its private page in the tracer");
      done = true;
      return view;
    } finally {
      if (!done) {
        view.unmap();
      }
    }
  }

  /** Returns a view of all of a file. */
  static BufferView of(int descriptor, long sharedBytes) {
    BufferView view = reserve(sharedBytes);
    boolean done = false;
    try {
      int access = Mapping.PROT_READ | Mapping.PROT_WRITE;
      int flags = Mapping.MAP_SHARED | Mapping.MAP_FIXED;
      Errno.check(
          Sys.call(Sys.MMAP, view.address(), sharedBytes, access, flags, descriptor, 0),
          "map a buffer in the tracer");
      done = true;
      return view;
    } finally {
      if (!done) {
        view.unmap();
      }
    }
  }

  /** Returns where the shared memory begins. */
  long address() {
    return base + Mapping.PAGE_BYTES;
  }

  /** Writes the header, and makes the calling thread the one whose death the kernel will note. */
  void own(BufferHeader header) {
    header.write(Mapping.view(address(), BufferHeader.SIZE_BYTES));
    LivenessList list = LivenessList.ofThread();
    list.take(address() + BufferHeader.LIVENESS_OFFSET);
    owner = list;
  }

  /** Returns the memory behind the header. */
  ByteBuffer records() {
    return Mapping.view(address() + BufferHeader.SIZE_BYTES, sharedBytes - BufferHeader.SIZE_BYTES);
  }

  /**
   * Gives ownership up and unmaps everything. Not before the payer's side is unmapped: what is left
   * there when this process dies must be marked.
   *
   * @return 0 or a negative errno
   */
  long unmap() {
    long unmapped;
    LivenessList list = owner;
    owner = null;
    try {
      if (list != null) {
        list.release(address() + BufferHeader.LIVENESS_OFFSET);
      }
    } finally {
      unmapped = unmapAll();
    }
    return unmapped;
  }

  private long unmapAll() {
    return Insistence.call(() -> Sys.call(Sys.MUNMAP, base, Mapping.PAGE_BYTES + sharedBytes));
  }
}
