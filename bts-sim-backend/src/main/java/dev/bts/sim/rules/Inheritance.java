package dev.bts.sim.rules;

/** What a forked child gets of its parent's buffers. */
public enum Inheritance implements Choice {
  /** Pointers are cleared, mappings are VM_DONTCOPY. */
  NOTHING("nothing"),
  /** The whole task structure is copied, with the pointer to the buffer. */
  POINTER("a copy of the pointer"),
  /** The pointer is cleared only in a child that is traced from its beginning. */
  POINTER_UNLESS_TRACED("a copy of the pointer, unless it is traced"),
  /** The mapping is copied and counted. */
  MAPPING("a copy of the mapping");

  private final String label;

  Inheritance(String label) {
    this.label = label;
  }

  @Override
  public Facet facet() {
    return Facet.INHERITANCE;
  }

  @Override
  public String label() {
    return label;
  }
}
