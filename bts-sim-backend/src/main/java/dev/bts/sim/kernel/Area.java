package dev.bts.sim.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A range of pages at an address ({@code struct vm_area_struct}). Immutable; a change is another
 * area in its place.
 *
 * @param start its first page
 * @param pages how many it has
 * @param lock whether it is under VM_LOCKED, and how
 * @param backing what is mapped, null for anonymous memory
 */
record Area(long start, long pages, Lock lock, @Nullable Backing backing) {
  /** How pages are locked; to change it splits an area, whether counters move or not. */
  enum Lock {
    /** Not at all. */
    NONE,
    /** VM_LOCKED: present from now on. */
    POPULATED,
    /** VM_LOCKED and VM_LOCKONFAULT: from when they are used. */
    ON_FAULT
  }

  /** What lies behind an area. */
  interface Backing {
    /** Whether it is one of the kernel's own (VM_SPECIAL): never locked, grown or split. */
    boolean special();

    /** Whether a forked child has it too, without VM_DONTCOPY. */
    boolean inherited();

    /** Another area shows it: it was mapped, split or inherited. */
    void opened();

    /** An area of this address space shows it no more. */
    void closed(AddressSpace mm);
  }

  /** What the kernel maps into every process, such as the vDSO. */
  static final Backing VDSO =
      new Backing() {
        @Override
        public boolean special() {
          return true;
        }

        @Override
        public boolean inherited() {
          return true;
        }

        @Override
        public void opened() {}

        @Override
        public void closed(AddressSpace mm) {}
      };

  boolean locked() {
    return lock != Lock.NONE;
  }

  long end() {
    return start + pages;
  }

  boolean special() {
    return backing != null && backing.special();
  }

  boolean inherited() {
    return backing == null || backing.inherited();
  }

  long overlap(long from, long to) {
    return Math.max(0, Math.min(end(), to) - Math.max(start, from));
  }

  Area part(long from, long to) {
    return new Area(from, to - from, lock, backing);
  }

  Area with(Lock other) {
    return new Area(start, pages, other, backing);
  }
}
