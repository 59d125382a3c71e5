package dev.bts.cli.trace;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The head of a block: where it belongs, what it holds, and the running counts of everything before
 * it, so that a gap in front of an intact block is known to the record.
 *
 * @param traceId the random number that all blocks of one trace carry
 * @param offset where the block was written, in bytes from the start of the file
 * @param sequence counts the blocks of the file from 0
 * @param recordsBefore branch records in all earlier blocks
 * @param eventsBefore side events in all earlier stream blocks
 * @param lostBefore records that the earlier side events report as lost
 * @param lost records that this block's side events report as lost
 * @param firstTimeNanos when the block was begun, by the writer's clock
 * @param lastTimeNanos when it was written
 * @param threadMask bit {@link #threadBit} is set for every thread with branches in the block
 * @param records branch records in the block
 * @param events side events in the block
 * @param storedBytes the payload as it stands in the file
 * @param contentBytes the payload decompressed
 * @param payloadCrc CRC-32C of the stored payload
 */
record BlockHead(
    BlockKind kind,
    long traceId,
    long offset,
    long sequence,
    long recordsBefore,
    long eventsBefore,
    long lostBefore,
    long lost,
    long firstTimeNanos,
    long lastTimeNanos,
    long threadMask,
    int records,
    int events,
    int storedBytes,
    int contentBytes,
    int payloadCrc) {
  /**
   * Spreads thread ids, which come in sequences, over the mask: 2^32 divided by the golden ratio.
   */
  private static final int SPREAD = 0x9E37_79B9;

  private static final int MASK_SHIFT = Integer.SIZE - 6;

  /** Returns the one bit of the thread mask that stands for this thread (and others like it). */
  static long threadBit(int tid) {
    return 1L << ((tid * SPREAD) >>> MASK_SHIFT);
  }

  /** Returns the number of bytes that head and payload take in the file. */
  long bytes() {
    return (long) BlockLayout.HEAD_BYTES + storedBytes;
  }

  /** Returns the number of the first record after this block. */
  long recordsAfter() {
    return recordsBefore + records;
  }

  /** Writes the head at an absolute position of a little-endian buffer. */
  void write(ByteBuffer buffer, int at) {
    buffer.putLong(at + BlockLayout.MAGIC_OFFSET, BlockLayout.BLOCK_MAGIC);
    buffer.putLong(at + BlockLayout.TRACE_ID_OFFSET, traceId);
    buffer.putLong(at + BlockLayout.FILE_OFFSET_OFFSET, offset);
    buffer.putLong(at + BlockLayout.SEQUENCE_OFFSET, sequence);
    buffer.putLong(at + BlockLayout.RECORDS_BEFORE_OFFSET, recordsBefore);
    buffer.putLong(at + BlockLayout.EVENTS_BEFORE_OFFSET, eventsBefore);
    buffer.putLong(at + BlockLayout.LOST_BEFORE_OFFSET, lostBefore);
    buffer.putLong(at + BlockLayout.LOST_OFFSET, lost);
    buffer.putLong(at + BlockLayout.FIRST_TIME_OFFSET, firstTimeNanos);
    buffer.putLong(at + BlockLayout.LAST_TIME_OFFSET, lastTimeNanos);
    buffer.putLong(at + BlockLayout.THREAD_MASK_OFFSET, threadMask);
    buffer.putInt(at + BlockLayout.KIND_OFFSET, kind.code());
    buffer.putInt(at + BlockLayout.RECORDS_OFFSET, records);
    buffer.putInt(at + BlockLayout.EVENTS_OFFSET, events);
    buffer.putInt(at + BlockLayout.STORED_BYTES_OFFSET, storedBytes);
    buffer.putInt(at + BlockLayout.CONTENT_BYTES_OFFSET, contentBytes);
    buffer.putInt(at + BlockLayout.PAYLOAD_CRC_OFFSET, payloadCrc);
    buffer.putInt(
        at + BlockLayout.HEAD_CRC_OFFSET, Checksum.of(buffer, at, BlockLayout.HEAD_CRC_OFFSET));
  }

  /**
   * Reads a head from an absolute position of a little-endian buffer; returns null if no intact
   * head within the limits of the format stands there.
   */
  static @Nullable BlockHead parse(ByteBuffer buffer, int at) {
    if (buffer.getLong(at + BlockLayout.MAGIC_OFFSET) != BlockLayout.BLOCK_MAGIC
        || buffer.getInt(at + BlockLayout.HEAD_CRC_OFFSET)
            != Checksum.of(buffer, at, BlockLayout.HEAD_CRC_OFFSET)) {
      return null;
    }
    BlockKind kind = BlockKind.ofCode(buffer.getInt(at + BlockLayout.KIND_OFFSET));
    if (kind == null) {
      return null;
    }
    BlockHead head =
        new BlockHead(
            kind,
            buffer.getLong(at + BlockLayout.TRACE_ID_OFFSET),
            buffer.getLong(at + BlockLayout.FILE_OFFSET_OFFSET),
            buffer.getLong(at + BlockLayout.SEQUENCE_OFFSET),
            buffer.getLong(at + BlockLayout.RECORDS_BEFORE_OFFSET),
            buffer.getLong(at + BlockLayout.EVENTS_BEFORE_OFFSET),
            buffer.getLong(at + BlockLayout.LOST_BEFORE_OFFSET),
            buffer.getLong(at + BlockLayout.LOST_OFFSET),
            buffer.getLong(at + BlockLayout.FIRST_TIME_OFFSET),
            buffer.getLong(at + BlockLayout.LAST_TIME_OFFSET),
            buffer.getLong(at + BlockLayout.THREAD_MASK_OFFSET),
            buffer.getInt(at + BlockLayout.RECORDS_OFFSET),
            buffer.getInt(at + BlockLayout.EVENTS_OFFSET),
            buffer.getInt(at + BlockLayout.STORED_BYTES_OFFSET),
            buffer.getInt(at + BlockLayout.CONTENT_BYTES_OFFSET),
            buffer.getInt(at + BlockLayout.PAYLOAD_CRC_OFFSET));
    return head.withinLimits() ? head : null;
  }

  private boolean withinLimits() {
    return sequence >= 0
        && sequence < FormatLimits.BLOCKS
        && offset >= 0
        && recordsBefore >= 0
        && recordsBefore <= (long) FormatLimits.BLOCKS * FormatLimits.RECORDS_PER_BLOCK
        && eventsBefore >= 0
        && eventsBefore <= (long) FormatLimits.BLOCKS * FormatLimits.EVENTS_PER_BLOCK
        && records >= 0
        && records <= FormatLimits.RECORDS_PER_BLOCK
        && events >= 0
        && events <= FormatLimits.EVENTS_PER_BLOCK
        && contentBytes >= 0
        && contentBytes <= FormatLimits.CONTENT_BYTES
        && storedBytes >= 0
        && storedBytes <= Compression.maxStoredBytes(FormatLimits.CONTENT_BYTES);
  }
}
