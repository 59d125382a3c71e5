package dev.bts.cli.symbols;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** The bytes of mapped files, read in parts and kept as far as a bound allows. */
final class CodeFiles {
  private static final int PART_BYTES = 1 << 12;
  private static final int PARTS_MAX = 1 << 13;

  private final Map<Part, ByteBuffer> parts = new HashMap<>();

  private record Part(String path, long number) {}

  /** Reads from a place on and returns how many bytes there were, 0 if the file cannot be read. */
  int read(Place place, ByteBuffer into) {
    long offset = place.fileOffset();
    int read = 0;
    while (into.hasRemaining()) {
      ByteBuffer part =
          parts.computeIfAbsent(new Part(place.path(), offset / PART_BYTES), CodeFiles::load);
      int at = (int) (offset % PART_BYTES);
      int length = Math.min(into.remaining(), part.limit() - at);
      if (length <= 0) {
        break;
      }
      into.put(into.position(), part, at, length);
      into.position(into.position() + length);
      offset += length;
      read += length;
    }
    if (parts.size() > PARTS_MAX) {
      parts.clear();
    }
    return read;
  }

  /** A file that cannot be read has no bytes: what its code does is then not known. */
  private static ByteBuffer load(Part part) {
    ByteBuffer bytes = ByteBuffer.allocate(PART_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(Path.of(part.path), StandardOpenOption.READ)) {
      while (bytes.hasRemaining()
          && channel.read(bytes, part.number * PART_BYTES + bytes.position()) >= 0) {
        // A read may give less than was asked for.
      }
    } catch (IOException e) {
      return bytes.limit(0);
    }
    return bytes.flip();
  }
}
