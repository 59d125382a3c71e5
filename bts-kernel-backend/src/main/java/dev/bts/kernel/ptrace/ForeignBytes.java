package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.Descriptors;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.NativeBuffer;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;

/**
 * Bytes read from the memory of traced tasks: with process_vm_readv(2), or, where a container
 * forbids that call, through /proc/TID/mem, which costs three.
 */
final class ForeignBytes {
  private static final int IOVEC_BYTES = 16;

  private final NativeBuffer bytes;
  private final NativeBuffer vectors = new NativeBuffer(2 * IOVEC_BYTES);

  /** Creates a place for so many bytes. */
  ForeignBytes(int bytesMax) {
    bytes = new NativeBuffer(bytesMax);
  }

  /** Returns the bytes that were read. */
  ByteBuffer bytes() {
    return bytes.bytes();
  }

  /** Frees the memory. */
  void close() {
    bytes.close();
    vectors.close();
  }

  /** Reads; returns how many bytes, or a negative errno. */
  long read(int tid, long address, int count) {
    ByteBuffer v = vectors.bytes();
    v.putLong(0, bytes.address());
    v.putLong(8, count);
    v.putLong(IOVEC_BYTES, address);
    v.putLong(IOVEC_BYTES + 8, count);
    long at = vectors.address();
    long got = Sys.call(Sys.PROCESS_VM_READV, tid, at, 1, at + IOVEC_BYTES, 1, 0);
    // What a seccomp profile answers: Docker's did with the first, and does with the second.
    return got == -Errno.EPERM || got == -Errno.ENOSYS ? readFile(tid, address, count) : got;
  }

  /**
   * Opens the file for each read: it stays with the memory that the task had when it was opened.
   * What cannot be read is told as process_vm_readv tells it.
   */
  private long readFile(int tid, long address, int count) {
    try (NativeBuffer path = NativeBuffer.string("/proc/" + tid + "/mem")) {
      long file = Sys.call(Sys.OPEN, path.address(), Descriptors.O_CLOEXEC);
      if (file < 0) {
        return file == -Errno.ENOENT ? -Errno.ESRCH : file;
      }
      try {
        long got = Sys.call(Sys.PREAD64, file, bytes.address(), count, address);
        return got == -Errno.EIO ? -Errno.EFAULT : got;
      } finally {
        Descriptors.close((int) file);
      }
    }
  }
}
