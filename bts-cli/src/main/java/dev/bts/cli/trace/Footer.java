package dev.bts.cli.trace;

import dev.bts.api.Fidelity;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The last bytes of a file that was finished: totals, and where the index is.
 *
 * @param indexOffset where the last index block stands, in bytes from the start of the file
 * @param fidelity how much of what happened the finished trace holds
 */
record Footer(
    long traceId, long indexOffset, long records, long events, long lost, Fidelity fidelity) {
  /** Writes the footer at the start of a little-endian buffer. */
  void write(ByteBuffer buffer) {
    buffer.putLong(BlockLayout.FOOTER_MAGIC_OFFSET, BlockLayout.FOOTER_MAGIC);
    buffer.putLong(BlockLayout.FOOTER_TRACE_ID_OFFSET, traceId);
    buffer.putLong(BlockLayout.FOOTER_INDEX_OFFSET, indexOffset);
    buffer.putLong(BlockLayout.FOOTER_RECORDS_OFFSET, records);
    buffer.putLong(BlockLayout.FOOTER_EVENTS_OFFSET, events);
    buffer.putLong(BlockLayout.FOOTER_LOST_OFFSET, lost);
    buffer.putInt(BlockLayout.FOOTER_FIDELITY_OFFSET, code(fidelity));
    buffer.putInt(
        BlockLayout.FOOTER_CRC_OFFSET, Checksum.of(buffer, 0, BlockLayout.FOOTER_CRC_OFFSET));
  }

  /** Reads a footer from the start of a buffer; null if no intact one stands there. */
  static @Nullable Footer parse(ByteBuffer buffer) {
    if (buffer.getLong(BlockLayout.FOOTER_MAGIC_OFFSET) != BlockLayout.FOOTER_MAGIC
        || buffer.getInt(BlockLayout.FOOTER_CRC_OFFSET)
            != Checksum.of(buffer, 0, BlockLayout.FOOTER_CRC_OFFSET)) {
      return null;
    }
    int code = buffer.getInt(BlockLayout.FOOTER_FIDELITY_OFFSET);
    for (Fidelity fidelity : Fidelity.values()) {
      if (code(fidelity) == code) {
        return new Footer(
            buffer.getLong(BlockLayout.FOOTER_TRACE_ID_OFFSET),
            buffer.getLong(BlockLayout.FOOTER_INDEX_OFFSET),
            buffer.getLong(BlockLayout.FOOTER_RECORDS_OFFSET),
            buffer.getLong(BlockLayout.FOOTER_EVENTS_OFFSET),
            buffer.getLong(BlockLayout.FOOTER_LOST_OFFSET),
            fidelity);
      }
    }
    return null;
  }

  private static int code(Fidelity fidelity) {
    return switch (fidelity) {
      case COMPLETE -> 1;
      case WINDOWED -> 2;
      case SAMPLED -> 3;
      case NOTHING -> 4;
    };
  }
}
