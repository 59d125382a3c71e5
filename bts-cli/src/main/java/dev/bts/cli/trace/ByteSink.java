package dev.bts.cli.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes with the integer and string encodings of the format. */
final class ByteSink {
  private static final int VARINT_MAX_BYTES = 10;
  private static final int CONTINUES = 0x80;

  private byte[] bytes;
  private int size;

  ByteSink(int initialBytes) {
    bytes = new byte[initialBytes];
  }

  /** Returns the array behind; valid until the next write. */
  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  void putByte(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  /** Writes an unsigned LEB128 number; a negative value counts as one of 64 unsigned bits. */
  void putUnsigned(long value) {
    ensure(VARINT_MAX_BYTES);
    long rest = value;
    while ((rest & -CONTINUES) != 0) {
      bytes[size++] = (byte) (rest | CONTINUES);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Writes a signed number, zigzag coded: small magnitudes are short. */
  void putSigned(long value) {
    putUnsigned((value << 1) ^ (value >> (Long.SIZE - 1)));
  }

  /** Writes a string as UTF-8 with its length before it, cut to the limit of the format. */
  void putString(String string) {
    byte[] utf8 = string.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(utf8.length, FormatLimits.STRING_BYTES);
    while (length < utf8.length && isContinuation(utf8[length])) {
      length--;
    }
    putUnsigned(length);
    putBytes(utf8, 0, length);
  }

  void putBytes(byte[] from, int at, int length) {
    ensure(length);
    System.arraycopy(from, at, bytes, size, length);
    size += length;
  }

  void putAll(ByteSink other) {
    putBytes(other.bytes, 0, other.size);
  }

  private static boolean isContinuation(byte utf8) {
    return (utf8 & 0xC0) == 0x80;
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
    }
  }
}
