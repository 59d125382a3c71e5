package dev.bts.kernel.sys;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Flags of mmap(2), memfd_create(2) and madvise(2), and access to memory that was mapped. */
public final class Mapping {
  /** PROT_NONE: no access. */
  public static final int PROT_NONE = 0;

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

  /** MAP_FIXED: at this very address, in the place of what is there. */
  public static final int MAP_FIXED = 0x10;

  /** MAP_FIXED_NOREPLACE: at this very address, EEXIST if something is there. */
  public static final int MAP_FIXED_NOREPLACE = 0x100000;

  /** MAP_ANONYMOUS. */
  public static final int MAP_ANONYMOUS = 0x20;

  /** MAP_LOCKED: populate and lock; EAGAIN if that exceeds RLIMIT_MEMLOCK. */
  public static final int MAP_LOCKED = 0x2000;

  /** MAP_NORESERVE. */
  public static final int MAP_NORESERVE = 0x4000;

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

  /**
   * Writes a word of memory that others read at any moment, the kernel or another process: whole,
   * and in program order with other calls of this method and {@link #putInt}.
   */
  public static void putLong(long address, long value) {
    new Pointer(address).setLong(0, value);
  }

  /** Writes half a word, as {@link #putLong} does a whole one. */
  public static void putInt(long address, int value) {
    new Pointer(address).setInt(0, value);
  }
}
