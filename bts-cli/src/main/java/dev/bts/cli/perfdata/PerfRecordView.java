package dev.bts.cli.perfdata;

import dev.bts.kernel.perf.PerfRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A record in a buffer: reads its fields and nothing outside of it. */
final class PerfRecordView {
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private int offset;
  private int size;

  /** Looks at a record from here on; it must lie within the little-endian buffer. */
  PerfRecordView wrap(ByteBuffer buffer, int start, int length) {
    bytes = buffer;
    offset = start;
    size = length;
    return this;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  /** Returns where the record starts in {@link #bytes}. */
  int offset() {
    return offset;
  }

  int size() {
    return size;
  }

  int type() {
    return bytes.getInt(offset + PerfRecord.TYPE_OFFSET);
  }

  int misc() {
    return Short.toUnsignedInt(bytes.getShort(offset + PerfRecord.MISC_OFFSET));
  }

  boolean hasMisc(int bit) {
    return (misc() & bit) != 0;
  }

  int u8(int at) throws DamagedDataException {
    check(at, Byte.BYTES);
    return Byte.toUnsignedInt(bytes.get(offset + at));
  }

  int u32(int at) throws DamagedDataException {
    check(at, Integer.BYTES);
    return bytes.getInt(offset + at);
  }

  long u64(int at) throws DamagedDataException {
    check(at, Long.BYTES);
    return bytes.getLong(offset + at);
  }

  /** Returns the text that starts here and ends with a zero byte, or with the record. */
  String text(int at) throws DamagedDataException {
    check(at, 0);
    int end = at;
    while (end < size && bytes.get(offset + end) != 0) {
      end++;
    }
    byte[] text = new byte[end - at];
    bytes.get(offset + at, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Returns so many bytes from here on in hex. */
  String hex(int at, int length) throws DamagedDataException {
    check(at, length);
    byte[] id = new byte[length];
    bytes.get(offset + at, id);
    return java.util.HexFormat.of().formatHex(id);
  }

  /** Fails unless the record has so many bytes at this place. */
  void check(int at, int length) throws DamagedDataException {
    if (at < 0 || length < 0 || at > size - length) {
      throw new DamagedDataException(
          "a record of type " + type() + " has " + size + " bytes, too few for what is in it");
    }
  }
}
