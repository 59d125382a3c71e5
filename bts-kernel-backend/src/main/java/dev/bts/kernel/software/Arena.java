package dev.bts.kernel.software;

import dev.bts.kernel.sys.Mapping;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A piece of memory that tracer and tracee share, at different addresses. */
final class Arena {
  /** The size of a page. */
  static final long PAGE_BYTES = Mapping.PAGE_BYTES;

  /** What its supplier keeps of the first page for itself. */
  static final int HEADER_BYTES = 128;

  private final ByteBuffer bytes;
  private final long address;

  /**
   * Describes shared memory.
   *
   * @param address where the tracee has its first byte
   */
  Arena(ByteBuffer bytes, long address) {
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.address = address;
  }

  /** Returns the memory as the tracer sees it; absolute access only. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** Returns the address of the memory in the tracee. */
  long address() {
    return address;
  }

  int size() {
    return bytes.capacity();
  }

  boolean contains(long at) {
    return at >= address && at < address + size();
  }
}
