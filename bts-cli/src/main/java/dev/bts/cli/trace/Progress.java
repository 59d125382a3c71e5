package dev.bts.cli.trace;

import org.jspecify.annotations.Nullable;

/** How far a file has been read, so that what is missing in front of a block can be counted. */
final class Progress {
  private long sequence;
  private long end = BlockLayout.PREAMBLE_BYTES;
  private long records;
  private long events;

  /** Moves past a block; returns what is missing in front of it, null if nothing is. */
  @Nullable Damage gapBefore(PlacedBlock block) {
    BlockHead head = block.head();
    Damage gap = null;
    if (head.sequence() != sequence) {
      gap =
          gap(
              block.position(),
              head.recordsBefore(),
              head.eventsBefore(),
              sequence + 1 == head.sequence()
                  ? "block " + sequence + " is lost"
                  : "blocks " + sequence + " to " + (head.sequence() - 1) + " are lost");
    } else if (block.isDisplaced() && block.position() != end) {
      gap =
          gap(
              block.position(),
              head.recordsBefore(),
              head.eventsBefore(),
              "block "
                  + sequence
                  + " was written at byte "
                  + head.offset()
                  + " and now stands at "
                  + block.position());
    }
    sequence = head.sequence() + 1;
    end = block.end();
    records = head.recordsAfter();
    events = head.eventsBefore() + head.events();
    return gap;
  }

  /** Returns what is missing after the last block, null if nothing is. */
  @Nullable Damage gapAtEnd(@Nullable Footer footer, long size) {
    if (footer == null) {
      return new Damage(
          Math.min(end, size),
          size,
          Damage.UNKNOWN,
          Damage.UNKNOWN,
          "the file has no footer: it was cut off, or its writer was killed before it finished");
    }
    long footerAt = size - BlockLayout.FOOTER_BYTES;
    if (end != footerAt || records != footer.records() || events != footer.events()) {
      return gap(footerAt, footer.records(), footer.events(), "blocks before the footer are lost");
    }
    return null;
  }

  private Damage gap(long until, long recordsUntil, long eventsUntil, String reason) {
    return new Damage(
        Math.min(end, until),
        Math.max(end, until),
        Math.max(0, recordsUntil - records),
        Math.max(0, eventsUntil - events),
        reason);
  }
}
