package dev.bts.kernel.sys;

import java.nio.ByteBuffer;

/**
 * The requests of userfaultfd(2) that concern write protection, and the layouts of their structures
 * (linux/userfaultfd.h).
 */
public final class UserFault {
  /** UFFD_USER_MODE_ONLY: what the kernel itself writes is refused with EFAULT. */
  public static final int USER_MODE_ONLY = 1;

  /** The size of struct uffd_msg. */
  public static final int MESSAGE_BYTES = 32;

  private static final long API_VERSION = 0xaa;
  static final long API = 0xc018aa3fL;
  static final long REGISTER = 0xc020aa00L;
  private static final long WAKE = 0x8010aa02L;
  static final long WRITE_PROTECT = 0xc018aa06L;

  /** UFFDIO_REGISTER_MODE_WP. */
  private static final long REGISTER_MODE_WRITES = 2;

  /** UFFDIO_WRITEPROTECT_MODE_WP. */
  private static final long PROTECT = 1;

  private static final int FEATURES_OFFSET = 8;

  /** UFFD_FEATURE_PAGEFAULT_FLAG_WP, since Linux 5.7. */
  private static final long FEATURE_WRITES = 1;

  private static final int EVENT_PAGEFAULT = 0x12;
  private static final int EVENT_OFFSET = 0;
  private static final int ADDRESS_OFFSET = 16;

  private static final int START_OFFSET = 0;
  private static final int LENGTH_OFFSET = 8;
  private static final int MODE_OFFSET = 16;
  private static final int ARGUMENT_BYTES = 32;

  private UserFault() {}

  /**
   * Tells a new descriptor which version of the interface is spoken.
   *
   * @return 0 or a negative errno: EOPNOTSUPP if the kernel does not report writes
   */
  public static long handshake(int descriptor) {
    try (NativeBuffer argument = new NativeBuffer(ARGUMENT_BYTES)) {
      argument.bytes().putLong(START_OFFSET, API_VERSION);
      long result = Sys.call(Sys.IOCTL, descriptor, API, argument.address(), 0);
      boolean reports = (argument.bytes().getLong(FEATURES_OFFSET) & FEATURE_WRITES) != 0;
      return result == 0 && !reports ? -Errno.EOPNOTSUPP : result;
    }
  }

  /** Has the writes to whole mappings' protected pages reported. */
  public static long register(int descriptor, long start, long bytes) {
    return request(descriptor, REGISTER, start, bytes, REGISTER_MODE_WRITES);
  }

  /** Protects pages that are registered, as far as they are there. */
  public static long protect(int descriptor, long start, long bytes) {
    return request(descriptor, WRITE_PROTECT, start, bytes, PROTECT);
  }

  /** Takes the protection of pages away, and lets those go on that wait for that. */
  public static long release(int descriptor, long start, long bytes) {
    return request(descriptor, WRITE_PROTECT, start, bytes, 0);
  }

  /** Lets those go on that wait at some pages, whatever is mapped there now. */
  public static long wake(int descriptor, long start, long bytes) {
    return request(descriptor, WAKE, start, bytes, 0);
  }

  /** Returns whether a message is that of a fault. */
  public static boolean isFault(ByteBuffer message) {
    return message.get(EVENT_OFFSET) == EVENT_PAGEFAULT;
  }

  /** Returns the address in a message of a fault. */
  public static long address(ByteBuffer message) {
    return message.getLong(ADDRESS_OFFSET);
  }

  private static long request(int descriptor, long number, long start, long bytes, long mode) {
    try (NativeBuffer argument = new NativeBuffer(ARGUMENT_BYTES)) {
      argument.bytes().putLong(START_OFFSET, start);
      argument.bytes().putLong(LENGTH_OFFSET, bytes);
      argument.bytes().putLong(MODE_OFFSET, mode);
      long result;
      do {
        // EAGAIN: the program changes its mappings at this moment.
        result = Sys.call(Sys.IOCTL, descriptor, number, argument.address(), 0);
      } while (result == -Errno.EAGAIN);
      return result;
    }
  }
}
