package dev.bts.sim.kernel;

/**
 * The soft limits of a thread group, as prlimit(2) has them. Immutable.
 *
 * @param addressSpaceBytes RLIMIT_AS
 * @param memlockBytes RLIMIT_MEMLOCK
 */
public record ResourceLimits(long addressSpaceBytes, long memlockBytes) {
  /** RLIM_INFINITY. */
  public static final long INFINITE = Long.MAX_VALUE;

  /** The limits a modelled machine starts with: 8 MiB of locked memory, as Linux has since 5.16. */
  public static final ResourceLimits STANDARD = new ResourceLimits(INFINITE, 8L << 20);

  private static final int PAGE_SHIFT = 12;

  /** Checks. */
  public ResourceLimits {
    if (addressSpaceBytes < 0 || memlockBytes < 0) {
      throw new IllegalArgumentException(addressSpaceBytes + ", " + memlockBytes);
    }
  }

  /** Returns these limits with another RLIMIT_AS. */
  public ResourceLimits withAddressSpace(long bytes) {
    return new ResourceLimits(bytes, memlockBytes);
  }

  /** Returns these limits with another RLIMIT_MEMLOCK. */
  public ResourceLimits withMemlock(long bytes) {
    return new ResourceLimits(addressSpaceBytes, bytes);
  }

  /** Returns RLIMIT_AS in pages, {@link #INFINITE} if it does not limit. */
  public long addressSpacePages() {
    return pages(addressSpaceBytes);
  }

  /** Returns RLIMIT_MEMLOCK in pages, {@link #INFINITE} if it does not limit. */
  public long memlockPages() {
    return pages(memlockBytes);
  }

  private static long pages(long bytes) {
    return bytes == INFINITE ? INFINITE : bytes >> PAGE_SHIFT;
  }

  /**
   * Returns whether a counter is over a limit: unsigned, as the kernel compares, so that a counter
   * that has underflowed reads as a huge one.
   */
  static boolean exceeds(long counterPages, long limitPages) {
    return limitPages != INFINITE && Long.compareUnsigned(counterPages, limitPages) > 0;
  }
}
