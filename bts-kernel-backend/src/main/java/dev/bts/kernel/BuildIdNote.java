package dev.bts.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The note in a 64-bit ELF file that holds its GNU build id (elf(5), NT_GNU_BUILD_ID).
 *
 * <p>The file is whatever a traced program has mapped, so nothing in it is believed: what is read
 * is bounded, whatever lengths the file names.
 */
final class BuildIdNote {
  private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F', 2, 1};
  private static final byte[] GNU = {'G', 'N', 'U', 0};
  private static final int HEADER_BYTES = 64;
  private static final int SEGMENTS_OFFSET = 32;
  private static final int SEGMENT_BYTES = 56;
  private static final int SEGMENT_COUNT_OFFSET = 56;
  private static final int SEGMENT_FILE_OFFSET = 8;
  private static final int SEGMENT_FILE_BYTES = 32;
  private static final int SEGMENTS_MAX = 256;
  private static final int PT_NOTE = 4;
  private static final int NOTES_BYTES_MAX = 1 << 16;
  private static final int NOTE_HEAD_BYTES = 12;
  private static final int NT_GNU_BUILD_ID = 3;
  private static final int ID_BYTES_MAX = 64;

  private BuildIdNote() {}

  /**
   * Returns the id in hex; empty if the file has none, or is no such file.
   *
   * @throws IOException if it cannot be read
   */
  static String read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = part(channel, 0, HEADER_BYTES);
      byte[] magic = new byte[MAGIC.length];
      if (header.remaining() < HEADER_BYTES) {
        return "";
      }
      header.get(0, magic);
      if (!Arrays.equals(magic, MAGIC)) {
        return "";
      }
      int count = Math.min(header.getShort(SEGMENT_COUNT_OFFSET) & 0xffff, SEGMENTS_MAX);
      ByteBuffer segments = part(channel, header.getLong(SEGMENTS_OFFSET), count * SEGMENT_BYTES);
      for (int at = 0; at + SEGMENT_BYTES <= segments.limit(); at += SEGMENT_BYTES) {
        if (segments.getInt(at) == PT_NOTE) {
          long bytes = segments.getLong(at + SEGMENT_FILE_BYTES);
          int some = (int) Math.max(0, Math.min(bytes, NOTES_BYTES_MAX));
          String id = idIn(part(channel, segments.getLong(at + SEGMENT_FILE_OFFSET), some));
          if (!id.isEmpty()) {
            return id;
          }
        }
      }
      return "";
    }
  }

  /** Returns what there is of a part of the file. */
  private static ByteBuffer part(FileChannel channel, long from, int bytes) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (from >= 0 && part.hasRemaining()) {
      long at = from + part.position();
      if (at < 0 || channel.read(part, at) < 0) {
        break;
      }
    }
    return part.flip();
  }

  private static String idIn(ByteBuffer notes) {
    long at = 0;
    while (at + NOTE_HEAD_BYTES <= notes.limit()) {
      int head = (int) at;
      long nameBytes = notes.getInt(head) & 0xffff_ffffL;
      long idBytes = notes.getInt(head + Integer.BYTES) & 0xffff_ffffL;
      int type = notes.getInt(head + 2 * Integer.BYTES);
      long id = at + NOTE_HEAD_BYTES + aligned(nameBytes);
      long next = id + aligned(idBytes);
      boolean whole = id + idBytes <= notes.limit() && idBytes <= ID_BYTES_MAX;
      if (type == NT_GNU_BUILD_ID && nameBytes == GNU.length && whole) {
        byte[] name = new byte[GNU.length];
        notes.get(head + NOTE_HEAD_BYTES, name);
        if (Arrays.equals(name, GNU)) {
          byte[] content = new byte[(int) idBytes];
          notes.get((int) id, content);
          return HexFormat.of().formatHex(content);
        }
      }
      at = next;
    }
    return "";
  }

  private static long aligned(long bytes) {
    return (bytes + Integer.BYTES - 1) & -Integer.BYTES;
  }
}
