package dev.bts.kernel.memory;

import java.nio.ByteBuffer;

/** The memory of a buffer of no pages: nobody pays for it. */
enum NoMemory implements BufferMemory {
  INSTANCE;

  @Override
  public ByteBuffer bytes() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public long pages() {
    return 0;
  }

  @Override
  public long mappedPages() {
    return 0;
  }

  @Override
  public long lockedPages() {
    return 0;
  }

  @Override
  public void release() {
    // There is nothing to give back.
  }
}
