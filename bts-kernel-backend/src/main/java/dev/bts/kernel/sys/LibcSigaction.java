package dev.bts.kernel.sys;

/** The layout of glibc's and musl's struct sigaction (signal.h, x86-64): offsets in bytes. */
final class LibcSigaction {
  /** sa_handler. */
  static final int HANDLER_OFFSET = 0;

  /** The size of the structure: handler, a mask of 128 bytes, flags, restorer. */
  static final int BYTES = 152;

  private LibcSigaction() {}
}
