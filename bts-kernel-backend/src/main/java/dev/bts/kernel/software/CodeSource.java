package dev.bts.kernel.software;

import java.nio.ByteBuffer;

/** The code of a program, as far as it stays what it is while its mapping does. */
public interface CodeSource {
  /**
   * Reads code.
   *
   * @return the bytes from 0 to the limit, valid until the next read; none if nothing can be read
   *     there or if it could change without its mapping being changed
   */
  ByteBuffer read(long address, int bytes);
}
