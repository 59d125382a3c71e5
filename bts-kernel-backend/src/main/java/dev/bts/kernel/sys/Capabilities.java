package dev.bts.kernel.sys;

/** The layout of capset(2)'s arguments and the capabilities that bts tells apart. */
public final class Capabilities {
  /** CAP_IPC_LOCK: memlock limits do not hold. */
  public static final int CAP_IPC_LOCK = 14;

  /** _LINUX_CAPABILITY_VERSION_3: 64 capabilities in two halves. */
  public static final int VERSION_3 = 0x20080522;

  /** The size of struct __user_cap_header_struct: version, and pid 0 for the calling thread. */
  public static final int HEADER_BYTES = 8;

  /** The size of one struct __user_cap_data_struct: effective, permitted, inheritable. */
  public static final int HALF_BYTES = 12;

  /** The offset of the effective capabilities in a half. */
  public static final int EFFECTIVE_OFFSET = 0;

  /** The offset of the permitted capabilities in a half. */
  public static final int PERMITTED_OFFSET = 4;

  /** The offset of the inheritable capabilities in a half. */
  public static final int INHERITABLE_OFFSET = 8;

  private Capabilities() {}

  /** Returns the bit of a capability in the sets of /proc/TID/status. */
  public static long bit(int capability) {
    return 1L << capability;
  }
}
