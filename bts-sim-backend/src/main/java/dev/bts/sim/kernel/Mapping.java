package dev.bts.sim.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A mapped range of an address space ({@code struct vm_area_struct}), known by identity: two
 * mappings of one size are two.
 */
public final class Mapping {
  private final AddressSpace mm;
  private final long pages;
  private boolean locked;
  private boolean mapped = true;
  private final boolean inherited;
  private @Nullable BufferHeader header;

  /**
   * Describes a range.
   *
   * @param locked whether it is under VM_LOCKED
   * @param inherited whether a forked child has it too, that is, without VM_DONTCOPY
   */
  Mapping(AddressSpace mm, long pages, boolean locked, boolean inherited) {
    this.mm = mm;
    this.pages = pages;
    this.locked = locked;
    this.inherited = inherited;
  }

  /** Returns where it is mapped. */
  public AddressSpace mm() {
    return mm;
  }

  /** Returns how many pages it has. */
  public long pages() {
    return pages;
  }

  /** Returns whether its pages are locked. */
  public boolean locked() {
    return locked;
  }

  /** Returns whether it is still there. */
  public boolean mapped() {
    return mapped;
  }

  void unlock() {
    locked = false;
  }

  void unmap() {
    mapped = false;
    locked = false;
  }

  /** Returns what it says about itself, null if it is no trace buffer. */
  public @Nullable BufferHeader header() {
    return header;
  }

  void write(BufferHeader says) {
    header = says;
  }

  /** Returns whether a forked child has it too. */
  public boolean inherited() {
    return inherited;
  }
}
