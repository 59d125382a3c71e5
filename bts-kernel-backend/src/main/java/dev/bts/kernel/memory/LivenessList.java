package dev.bts.kernel.memory;

import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.RobustList;
import dev.bts.kernel.sys.Sys;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The robust list of a thread that owns buffers: when the thread dies, SIGKILL of the process
 * included, the kernel marks the liveness word of each of them.
 *
 * <p>The words lie in memory that a hostile tracee can write. The nodes of the list do not: each
 * lies at a fixed distance before its word, in a private page that {@link BufferView} maps in front
 * of the shared ones. So the tracee can spoil its own word and nothing else: it can break neither
 * the walk of the kernel nor a pointer that this process follows. (This process follows none: the
 * order of the nodes is kept here, and links are only written.)
 *
 * <p>The C library has a list of its own for each thread. It is put back when the thread owns no
 * buffer any more; in between the thread, which executes Java, takes no robust mutex.
 *
 * <p>Safe for several threads: another thread than the owner may release.
 */
final class LivenessList {
  private static final ThreadLocal<LivenessList> OF_THREAD =
      ThreadLocal.withInitial(LivenessList::new);

  /**
   * The lists whose head the kernel knows. It reads the head when the thread has ended for Java
   * already, so nothing here may be collected with the thread.
   */
  private static final Set<LivenessList> REGISTERED = ConcurrentHashMap.newKeySet();

  private final int tid = (int) Sys.call(Sys.GETTID, 0, 0);
  private final List<Long> nodes = new ArrayList<>();
  private @Nullable NativeBuffer head;
  private long formerHead;
  private long formerBytes;

  private LivenessList() {}

  /** Returns the list of the calling thread, which must be a platform thread. */
  static LivenessList ofThread() {
    return OF_THREAD.get();
  }

  /** Makes the calling thread the owner of a word, which nobody may own. */
  synchronized void take(long word) {
    NativeBuffer registered = head == null ? register() : head;
    long node = word - BufferView.NODE_TO_WORD_BYTES;
    // Whole at every moment: the new node leads to the end before anything leads to it.
    Mapping.putLong(node + RobustList.NEXT_OFFSET, registered.address());
    link(nodes.size(), node);
    nodes.add(node);
    Mapping.putInt(word, tid);
  }

  /** Gives a word up: it is nobody's. */
  synchronized void release(long word) {
    Mapping.putInt(word, 0);
    int index = nodes.indexOf(word - BufferView.NODE_TO_WORD_BYTES);
    NativeBuffer registered = head;
    if (index < 0 || registered == null) {
      throw new IllegalStateException("this thread does not own the buffer");
    }
    link(index, index + 1 < nodes.size() ? nodes.get(index + 1) : registered.address());
    nodes.remove(index);
    if (nodes.isEmpty() && OF_THREAD.get() == this) {
      unregister(registered);
    }
  }

  /** Makes what stands before a place in the list lead to an address. */
  private void link(int index, long address) {
    NativeBuffer registered = head;
    if (registered != null) {
      long before = index == 0 ? registered.address() : nodes.get(index - 1);
      Mapping.putLong(before + RobustList.NEXT_OFFSET, address);
    }
  }

  private NativeBuffer register() {
    try (NativeBuffer former = new NativeBuffer(2 * Long.BYTES)) {
      long at = former.address();
      Errno.check(
          Sys.call(Sys.GET_ROBUST_LIST, 0, at, at + Long.BYTES, 0),
          "read the robust list of the tracer's thread");
      formerHead = former.bytes().getLong(0);
      formerBytes = former.bytes().getLong(Long.BYTES);
    }
    NativeBuffer fresh = new NativeBuffer(RobustList.HEAD_BYTES);
    fresh.bytes().putLong(RobustList.NEXT_OFFSET, fresh.address());
    fresh.bytes().putLong(RobustList.FUTEX_OFFSET_OFFSET, BufferView.NODE_TO_WORD_BYTES);
    Errno.check(
        Sys.call(Sys.SET_ROBUST_LIST, fresh.address(), RobustList.HEAD_BYTES),
        "register a robust list for the tracer's thread");
    head = fresh;
    REGISTERED.add(this);
    return fresh;
  }

  private void unregister(NativeBuffer registered) {
    Errno.check(
        Sys.call(Sys.SET_ROBUST_LIST, formerHead, formerBytes),
        "give the tracer's thread its robust list back");
    head = null;
    REGISTERED.remove(this);
    registered.close();
  }
}
