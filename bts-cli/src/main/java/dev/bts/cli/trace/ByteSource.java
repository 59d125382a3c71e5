package dev.bts.cli.trace;

import java.nio.charset.StandardCharsets;

/** Reads the encodings of {@link ByteSink} from a part of an array and never leaves that part. */
final class ByteSource {
  private static final int CONTINUES = 0x80;
  private static final int LAST_SHIFT = 63;

  private byte[] bytes = new byte[0];
  private int at;
  private int end;

  /** Reads from here on; the part must lie within the array. */
  void reset(byte[] from, int start, int length) {
    java.util.Objects.checkFromIndexSize(start, length, from.length);
    bytes = from;
    at = start;
    end = start + length;
  }

  int position() {
    return at;
  }

  int remaining() {
    return end - at;
  }

  int getByte() throws CorruptBlockException {
    if (at == end) {
      throw new CorruptBlockException("a field runs over the end of its column");
    }
    return bytes[at++];
  }

  long getUnsigned() throws CorruptBlockException {
    int b = getByte();
    if (b >= 0) {
      return b;
    }
    long value = b & (CONTINUES - 1);
    for (int shift = 7; shift <= LAST_SHIFT; shift += 7) {
      b = getByte();
      value |= (long) (b & (CONTINUES - 1)) << shift;
      if (b >= 0) {
        if (shift == LAST_SHIFT && b > 1) {
          break;
        }
        return value;
      }
    }
    throw new CorruptBlockException("a number has more than 64 bits");
  }

  long getSigned() throws CorruptBlockException {
    long zigzag = getUnsigned();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  /** Reads a signed number that must fit 32 bits. */
  int getInt() throws CorruptBlockException {
    long value = getSigned();
    if (value != (int) value) {
      throw new CorruptBlockException("a number has more than 32 bits");
    }
    return (int) value;
  }

  /** Reads an unsigned number in [0, limit]. */
  int getCount(int limit) throws CorruptBlockException {
    long value = getUnsigned();
    if (value < 0 || value > limit) {
      throw new CorruptBlockException(
          "a count is " + Long.toUnsignedString(value) + ", more than the " + limit + " allowed");
    }
    return (int) value;
  }

  String getString() throws CorruptBlockException {
    int length = getCount(FormatLimits.STRING_BYTES);
    if (length > remaining()) {
      throw new CorruptBlockException("a string runs over the end of its column");
    }
    String string = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return string;
  }

  /** Fails unless everything was read. */
  void expectEnd() throws CorruptBlockException {
    if (at != end) {
      throw new CorruptBlockException("a column has " + (end - at) + " bytes too many");
    }
  }
}
