package dev.bts.cli.text;

import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Buffered text output that makes no object per number. Flushed, not closed, when closed. */
public final class TextOutput implements AutoCloseable, Flushable {
  private static final int BUFFER_BYTES = 1 << 16;

  /** Room for the longest number. */
  private static final int RESERVE_BYTES = 32;

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int BITS_PER_DIGIT = 4;

  /** Of a long that is not negative. */
  private static final int DECIMAL_DIGITS_MAX = 19;

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int size;

  /** Creates one that writes to a stream. */
  public TextOutput(OutputStream out) {
    this.out = out;
  }

  /** Writes a number in lower-case hex without leading zeros. */
  public TextOutput hex(long value) {
    reserve();
    int digits =
        Math.max(
            1,
            (Long.SIZE - Long.numberOfLeadingZeros(value) + BITS_PER_DIGIT - 1) / BITS_PER_DIGIT);
    long rest = value;
    for (int at = size + digits - 1; at >= size; at--) {
      buffer[at] = DIGITS[(int) (rest & (DIGITS.length - 1))];
      rest >>>= BITS_PER_DIGIT;
    }
    size += digits;
    return this;
  }

  /** Writes a number in decimal. */
  public TextOutput decimal(long value) {
    reserve();
    long rest = value;
    if (value < 0) {
      buffer[size++] = '-';
      rest = -value;
      if (rest < 0) {
        return text(Long.toString(value).substring(1));
      }
    }
    int digits = 1;
    for (long power = 10; digits < DECIMAL_DIGITS_MAX && rest >= power; power *= 10) {
      digits++;
    }
    for (int at = size + digits - 1; at >= size; at--) {
      buffer[at] = DIGITS[(int) (rest % 10)];
      rest /= 10;
    }
    size += digits;
    return this;
  }

  /** Writes bytes. */
  public TextOutput bytes(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      reserve();
      int length = Math.min(bytes.remaining(), buffer.length - size);
      bytes.get(buffer, size, length);
      size += length;
    }
    return this;
  }

  /** Hands on what was written so far. */
  @Override
  public void flush() {
    int length = size;
    size = 0;
    write(buffer, length);
  }

  /** Writes one ASCII character. */
  public TextOutput ascii(char character) {
    reserve();
    buffer[size++] = (byte) character;
    return this;
  }

  /** Writes text as UTF-8. */
  public TextOutput text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > buffer.length - size) {
      flush();
    }
    if (bytes.length > buffer.length) {
      write(bytes, bytes.length);
      return this;
    }
    System.arraycopy(bytes, 0, buffer, size, bytes.length);
    size += bytes.length;
    return this;
  }

  @Override
  public void close() {
    flush();
  }

  private void reserve() {
    if (buffer.length - size < RESERVE_BYTES) {
      flush();
    }
  }

  private void write(byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
