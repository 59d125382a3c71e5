package dev.bts.cli.trace;

/**
 * A block and where it stands now, which is not where it was written if bytes before it were
 * inserted, deleted or exchanged.
 */
record PlacedBlock(BlockHead head, long position) {
  /** Returns where the block ends. */
  long end() {
    return position + head.bytes();
  }

  boolean isDisplaced() {
    return position != head.offset();
  }
}
