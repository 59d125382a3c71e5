package dev.bts.sim.kernel;

/**
 * A kernel whose mistakes about locked memory are reproduced. What is known to be wrong in Linux is
 * a property here, and nowhere else in the model.
 */
public enum KernelVersion {
  /** Linux 6.12 before 6.12.115, by its source; no run has been compared with the model. */
  LINUX_6_12("6.12", true, false, true, true),
  /** Linux 6.17 and 6.18, by its source; the model was compared with 6.18.44 step by step. */
  LINUX_6_18("6.18", true, true, true, true),
  /** A kernel that charges and refunds as it should. */
  REPAIRED("repaired", false, false, false, false);

  private final String release;
  private final boolean refundsClosingMm;
  private final boolean chargesSecondMapping;
  private final boolean namespaceMaximumInBytes;
  private final boolean perfAndUringShareCounter;

  KernelVersion(
      String release,
      boolean refundsClosingMm,
      boolean chargesSecondMapping,
      boolean namespaceMaximumInBytes,
      boolean perfAndUringShareCounter) {
    this.release = release;
    this.refundsClosingMm = refundsClosingMm;
    this.chargesSecondMapping = chargesSecondMapping;
    this.namespaceMaximumInBytes = namespaceMaximumInBytes;
    this.perfAndUringShareCounter = perfAndUringShareCounter;
  }

  /** Returns its name. */
  public String release() {
    return "linux-" + release;
  }

  /**
   * Returns whether what a perf ring has beyond the gift is refunded to the address space that
   * closes its last mapping, whoever paid (bug catalogue, row 22).
   */
  public boolean refundsClosingMm() {
    return refundsClosingMm;
  }

  /**
   * Returns whether each further mapping of a perf ring charges the user for the whole ring again,
   * without a limit, while the last close refunds it once: the pages are lost to the user until its
   * last process has ended (since 6.17, where perf_mmap_rb calls perf_mmap_account for a ring that
   * is mapped already).
   */
  public boolean chargesSecondMapping() {
    return chargesSecondMapping;
  }

  /**
   * Returns whether the maximum that a user namespace is given for SHM_LOCK is its maker's
   * RLIMIT_MEMLOCK in bytes, taken for pages, so that it never limits (bug catalogue, row 41).
   */
  public boolean namespaceMaximumInBytes() {
    return namespaceMaximumInBytes;
  }

  /**
   * Returns whether perf and io_uring have one counter for each user, so that perf's gift is used
   * up by rings of io_uring and counts against their limit (bug catalogue, row 21).
   */
  public boolean perfAndUringShareCounter() {
    return perfAndUringShareCounter;
  }

  /** Returns the version that reproduces a release such as {@code 6.18.44-generic}. */
  public static KernelVersion like(String release) {
    String[] numbers = release.split("[.-]", 3);
    int major = Integer.parseInt(numbers[0]);
    int minor = Integer.parseInt(numbers[1]);
    return major > 6 || (major == 6 && minor >= 17) ? LINUX_6_18 : LINUX_6_12;
  }
}
