package dev.bts.cli.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The bytes of a trace file and the fixed-size structures in them. */
final class TraceFile implements Closeable {
  private static final int SEARCH_BYTES = 1 << 20;

  private final FileChannel channel;
  private final long size;
  private final ByteBuffer head = littleEndian(BlockLayout.HEAD_BYTES);
  private @Nullable ByteBuffer window;

  private TraceFile(FileChannel channel) throws IOException {
    this.channel = channel;
    this.size = channel.size();
  }

  static TraceFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new TraceFile(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Returns the size of the file when it was opened, in bytes. */
  long size() {
    return size;
  }

  /** Returns the format version of the preamble, or -1 if there is no intact preamble. */
  int version() throws IOException {
    ByteBuffer buffer = littleEndian(BlockLayout.PREAMBLE_BYTES);
    if (!read(0, buffer)
        || buffer.getLong(BlockLayout.PREAMBLE_MAGIC_OFFSET) != BlockLayout.PREAMBLE_MAGIC
        || buffer.getInt(BlockLayout.PREAMBLE_CRC_OFFSET)
            != Checksum.of(buffer, 0, BlockLayout.PREAMBLE_CRC_OFFSET)) {
      return -1;
    }
    return buffer.getInt(BlockLayout.PREAMBLE_VERSION_OFFSET);
  }

  /** Returns the footer, null if the file does not end with an intact one. */
  @Nullable Footer footer() throws IOException {
    ByteBuffer buffer = littleEndian(BlockLayout.FOOTER_BYTES);
    return size >= BlockLayout.FOOTER_BYTES && read(size - BlockLayout.FOOTER_BYTES, buffer)
        ? Footer.parse(buffer)
        : null;
  }

  /** Returns the head of the block at a position, null if no intact one stands there. */
  @Nullable BlockHead head(long at) throws IOException {
    return read(at, head) ? BlockHead.parse(head, 0) : null;
  }

  /** Returns the position of the first intact head from here on, or the size of the file. */
  long findHead(long from) throws IOException {
    ByteBuffer buffer = window;
    if (buffer == null) {
      buffer = littleEndian(SEARCH_BYTES);
      window = buffer;
    }
    long start = from;
    while (start + BlockLayout.HEAD_BYTES <= size) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), size - start));
      if (!read(start, buffer)) {
        return size;
      }
      int last = buffer.limit() - BlockLayout.HEAD_BYTES;
      for (int at = 0; at <= last; at++) {
        if (buffer.getLong(at) == BlockLayout.BLOCK_MAGIC && BlockHead.parse(buffer, at) != null) {
          return start + at;
        }
      }
      start += last + 1;
    }
    return size;
  }

  /** Reads so many bytes of a block's payload; false if the file ends before. */
  boolean payload(long blockAt, byte[] to, int length) throws IOException {
    return read(blockAt + BlockLayout.HEAD_BYTES, ByteBuffer.wrap(to, 0, length));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * Fills the buffer up to its limit from a position of the file; false if the file ends before.
   */
  private boolean read(long position, ByteBuffer to) throws IOException {
    int start = to.position();
    if (position < 0 || position > size - to.remaining()) {
      return false;
    }
    long at = position;
    while (to.hasRemaining()) {
      int got = channel.read(to, at);
      if (got < 0) {
        return false;
      }
      at += got;
    }
    to.position(start);
    return true;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
