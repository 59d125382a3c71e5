package dev.bts.kernel.sys;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Flags of mmap(2), memfd_create(2) and madvise(2), and access to memory that was mapped. */
public final class Mapping {
  /** PROT_READ. */
  public static final int PROT_READ = 1;

  /** PROT_WRITE. */
  public static final int PROT_WRITE = 2;

  /** PROT_EXEC. */
  public static final int PROT_EXEC = 4;

  /** MAP_SHARED. */
  public static final int MAP_SHARED = 1;

  /** MAP_PRIVATE. */
  public static final int MAP_PRIVATE = 2;

  /** MAP_ANONYMOUS. */
  public static final int MAP_ANONYMOUS = 0x20;

  /** MAP_LOCKED: populate and lock; EAGAIN if that exceeds RLIMIT_MEMLOCK. */
  public static final int MAP_LOCKED = 0x2000;

  /** MFD_CLOEXEC. */
  public static final int MFD_CLOEXEC = 1;

  /** MFD_ALLOW_SEALING. */
  public static final int MFD_ALLOW_SEALING = 2;

  /**
   * MFD_EXEC: the file may be executed whatever {@code vm.memfd_noexec} prefers. Unknown (EINVAL)
   * before Linux 6.3, where every memfd may be executed.
   */
  public static final int MFD_EXEC = 0x10;

  /** MADV_DONTFORK: a forked child does not get the mapping. */
  public static final int MADV_DONTFORK = 10;

  /** The size of a page. */
  public static final long PAGE_BYTES = 4096;

  private Mapping() {}

  /** Returns memory at an address of this process as a buffer; the caller keeps it mapped. */
  public static ByteBuffer view(long address, long bytes) {
    return new Pointer(address).getByteBuffer(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
