package dev.bts.kernel.sys;

/** The layout of struct stat ({@code asm/stat.h}, x86-64), as fstat(2) fills it. */
public final class FileStatus {
  /** The size of the structure. */
  public static final int BYTES = 144;

  /** The offset of st_ino. */
  public static final int INODE_OFFSET = 8;

  /** The offset of st_mode. */
  public static final int MODE_OFFSET = 24;

  /** The offset of st_size. */
  public static final int SIZE_OFFSET = 48;

  /** The offset of st_blocks. */
  public static final int BLOCKS_OFFSET = 64;

  /** What st_blocks counts, in bytes. */
  public static final int BLOCK_BYTES = 512;

  /** S_IFMT: the bits of the mode that say what kind of file it is. */
  public static final int KIND_MASK = 0xf000;

  /** S_IFREG: a regular file, a memfd included. */
  public static final int REGULAR = 0x8000;

  private FileStatus() {}
}
