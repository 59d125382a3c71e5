package dev.bts.cli.trace;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Brings the content of blocks into memory, checked and decompressed. */
final class BlockLoader {
  private final TraceFile file;
  private final Compression compression;
  private byte[] stored = new byte[0];
  private byte[] content = new byte[0];

  BlockLoader(TraceFile file, Compression compression) {
    this.file = file;
    this.compression = compression;
  }

  /**
   * Returns an array that starts with the block's content; valid until the next call.
   *
   * @throws CorruptBlockException if the block is cut off or damaged
   */
  byte[] load(PlacedBlock block) throws IOException, CorruptBlockException {
    BlockHead head = block.head();
    if (block.end() > file.size()) {
      throw new CorruptBlockException("the file ends within the block");
    }
    if (stored.length < head.storedBytes()) {
      stored = new byte[head.storedBytes()];
    }
    if (content.length < head.contentBytes()) {
      content = new byte[head.contentBytes()];
    }
    if (!file.payload(block.position(), stored, head.storedBytes())
        || Checksum.of(ByteBuffer.wrap(stored), 0, head.storedBytes()) != head.payloadCrc()) {
      throw new CorruptBlockException("the checksum of the block's payload is wrong");
    }
    compression.decompress(stored, head.storedBytes(), content, head.contentBytes());
    return content;
  }
}
