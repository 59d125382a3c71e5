package dev.bts.kernel.software;

import java.nio.ByteBuffer;

/** The code of a program, as far as somebody tells when it changes. */
public interface CodeSource {
  /**
   * Reads code.
   *
   * @return the bytes from 0 to the limit, valid until the next read; none if nothing can be read
   *     there or if it could change without anybody telling
   */
  ByteBuffer read(long address, int bytes);

  /** Returns whether the code at an address may be such as programs write while they run. */
  boolean isWrittenByProgram(long address);
}
