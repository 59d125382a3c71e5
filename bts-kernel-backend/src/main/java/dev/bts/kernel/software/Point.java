package dev.bts.kernel.software;

/**
 * Which state of the program an address in the cache stands for.
 *
 * <p>"Put aside" means that the program's value of a register is in the {@link ThreadArea}; it
 * stays there when the register has been given back, so it may be taken from there twice. A path
 * that goes with a point has been taken, and is still to be recorded.
 */
public enum Point {
  /** At the program's address that goes with the point, after its path. */
  EXACT,
  /** The same, and rcx is put aside. */
  EXACT_RCX_ASIDE,
  /** At the target in rcx, after the point's path; the program's rcx is put aside. */
  INDIRECT_TAKEN,
  /** The same, and the target is in the area. */
  INDIRECT_TARGET_ASIDE,
  /** The same, and rdx is put aside as well. */
  INDIRECT_GUARDED,
  /** In the lookup: at the target in rcx; the path is in the thread's area, rcx is put aside. */
  LOOKUP_TARGET_IN_RCX,
  /** The same, and the target is in the area too. */
  LOOKUP_RCX_ASIDE,
  /** The same, and rax is put aside as well. */
  LOOKUP_RAX_ASIDE,
  /** The same, and rdx is put aside as well. */
  LOOKUP_TAKEN,
  /** At the target in the area, recorded, with the three registers put aside. */
  LOOKUP_RECORDED,
  /** At the int3 of a way out: at the address that goes with it, or at the target in the area. */
  EXIT
}
