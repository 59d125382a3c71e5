package dev.bts.kernel.sys;

/**
 * The layout of struct robust_list_head, and of the futex words on such a list ({@code
 * linux/futex.h}, Documentation/locking/robust-futexes.rst): offsets in bytes.
 *
 * <p>When a thread ends, however it ends, the kernel walks its list, and in each word that holds
 * the thread's id it puts {@link #OWNER_DIED} in the id's place.
 */
public final class RobustList {
  /** The size of the head. */
  public static final int HEAD_BYTES = 24;

  /** The address of the first node, or of the head itself: a node begins with the next address. */
  public static final int NEXT_OFFSET = 0;

  /** The distance from a node to its futex word, one for all nodes of the list. */
  public static final int FUTEX_OFFSET_OFFSET = 8;

  /** The address of a node that is about to be added or removed, 0 for none. */
  public static final int PENDING_OFFSET = 16;

  /** FUTEX_OWNER_DIED. */
  public static final int OWNER_DIED = 0x40000000;

  /** FUTEX_TID_MASK: the bits of a word that hold the owner's thread id, in its pid namespace. */
  public static final int TID_MASK = 0x3fffffff;

  private RobustList() {}
}
