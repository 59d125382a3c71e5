package dev.bts.kernel.sys;

import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A zeroed piece of native memory for system call arguments: an address for the kernel, a
 * little-endian ByteBuffer for Java. Freed when closed or collected. Not safe for several threads.
 */
public final class NativeBuffer implements AutoCloseable {
  private final Memory memory;
  private final ByteBuffer bytes;

  /** Allocates. */
  public NativeBuffer(int size) {
    memory = new Memory(size);
    memory.clear();
    bytes = memory.getByteBuffer(0, size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns a buffer with a NUL-terminated string in it. */
  public static NativeBuffer string(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    NativeBuffer buffer = new NativeBuffer(encoded.length + 1);
    buffer.bytes.put(0, encoded);
    return buffer;
  }

  /** Returns the address that the kernel is given. */
  public long address() {
    return com.sun.jna.Pointer.nativeValue(memory);
  }

  /** Returns the content. Use absolute access. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Fills it with zeros. */
  public void clear() {
    memory.clear();
  }

  /** Returns the size in bytes. */
  public int size() {
    return bytes.capacity();
  }

  @Override
  public void close() {
    memory.close();
  }
}
