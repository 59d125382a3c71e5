package dev.bts.cli.trace;

import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.InvalidRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Writes blocks one after another, and every so many of them an index block. */
final class BlockWriter {
  private final WritableByteChannel channel;
  private final Compression compression;
  private final long traceId;

  /** The heads of the blocks since the last index block, that one included. */
  private final ByteSink index = new ByteSink(1 << 12);

  private byte[] output = new byte[1 << 16];

  private long offset;
  private long sequence;
  private long records;
  private long events;
  private long lost;
  private int indexed;

  /** Where the last index block stands, 0 before the first. */
  private long lastIndexOffset;

  BlockWriter(WritableByteChannel channel, Compression compression, long traceId) {
    this.channel = channel;
    this.compression = compression;
    this.traceId = traceId;
  }

  /** Returns the number of bytes written so far. */
  long offset() {
    return offset;
  }

  /** Returns the number of branch records in the blocks written so far. */
  long records() {
    return records;
  }

  void preamble() throws IOException {
    ByteBuffer buffer = littleEndian(BlockLayout.PREAMBLE_BYTES);
    buffer.putLong(BlockLayout.PREAMBLE_MAGIC_OFFSET, BlockLayout.PREAMBLE_MAGIC);
    buffer.putInt(BlockLayout.PREAMBLE_VERSION_OFFSET, BlockLayout.VERSION);
    buffer.putInt(
        BlockLayout.PREAMBLE_CRC_OFFSET, Checksum.of(buffer, 0, BlockLayout.PREAMBLE_CRC_OFFSET));
    send(buffer);
  }

  /** Writes a block that holds neither branches nor side events of the stream. */
  void write(BlockKind kind, ByteSink content, long timeNanos) throws IOException {
    write(kind, content, 0, 0, 0, 0, timeNanos, timeNanos);
  }

  void write(
      BlockKind kind,
      ByteSink content,
      int blockRecords,
      int blockEvents,
      long blockLost,
      long threadMask,
      long firstTimeNanos,
      long lastTimeNanos)
      throws IOException {
    // The last two are kept for the journal and the index, which end a file.
    if (sequence >= FormatLimits.BLOCKS - 2 && kind == BlockKind.STREAM) {
      throw new InvalidRequestException(
          new Explanation(
              "write more of the trace",
              "format version 1 holds at most " + FormatLimits.BLOCKS + " blocks",
              "record a shorter part of the run"));
    }
    int room = BlockLayout.HEAD_BYTES + Compression.maxStoredBytes(content.size());
    if (output.length < room) {
      output = new byte[room];
    }
    ByteBuffer block = ByteBuffer.wrap(output).order(ByteOrder.LITTLE_ENDIAN);
    int stored =
        compression.compress(content.array(), content.size(), output, BlockLayout.HEAD_BYTES);
    BlockHead head =
        new BlockHead(
            kind,
            traceId,
            offset,
            sequence,
            records,
            events,
            lost,
            blockLost,
            firstTimeNanos,
            lastTimeNanos,
            threadMask,
            blockRecords,
            blockEvents,
            stored,
            content.size(),
            Checksum.of(block, BlockLayout.HEAD_BYTES, stored));
    head.write(block, 0);
    index.putBytes(output, 0, BlockLayout.HEAD_BYTES);
    indexed++;
    sequence++;
    records += blockRecords;
    events += blockEvents;
    lost += blockLost;
    send(block.limit((int) head.bytes()));
    if (indexed == FormatLimits.BLOCKS_PER_INDEX && kind != BlockKind.INDEX) {
      writeIndex(lastTimeNanos);
    }
  }

  /** Writes the last index block and the footer. */
  void finish(Fidelity fidelity, long timeNanos) throws IOException {
    writeIndex(timeNanos);
    ByteBuffer buffer = littleEndian(BlockLayout.FOOTER_BYTES);
    new Footer(traceId, lastIndexOffset, records, events, lost, fidelity).write(buffer);
    send(buffer);
  }

  private void writeIndex(long timeNanos) throws IOException {
    ByteSink content = new ByteSink(index.size() + Long.BYTES);
    content.putUnsigned(lastIndexOffset);
    content.putAll(index);
    index.clear();
    indexed = 0;
    lastIndexOffset = offset;
    write(BlockKind.INDEX, content, timeNanos);
  }

  private void send(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      offset += channel.write(buffer);
    }
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
