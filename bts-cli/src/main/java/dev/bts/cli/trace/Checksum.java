package dev.bts.cli.trace;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C (RFC 3720), which processors compute. */
final class Checksum {
  private Checksum() {}

  /** Returns the checksum of so many bytes from an absolute position. */
  static int of(ByteBuffer buffer, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.slice(at, length));
    return (int) crc.getValue();
  }
}
