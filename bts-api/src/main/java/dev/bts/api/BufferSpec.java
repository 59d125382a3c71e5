package dev.bts.api;

/**
 * The buffer that a request asks for.
 *
 * @param sizeBytes its size, rounded up to whole pages; {@link #AUTO} takes the largest size up to
 *     {@link #AUTO_BYTES} that the payer can pay for; zero starts without a buffer, to be
 *     configured later
 * @param overflow what happens when it is full
 */
public record BufferSpec(long sizeBytes, Overflow overflow) {
  /** The page size of x86-64 Linux, in bytes. */
  public static final long PAGE_BYTES = 4096;

  /** The size that stands for: as much as is useful and fits. */
  public static final long AUTO = -1;

  /** The most that {@link #AUTO} takes, in bytes: 1 MiB. */
  public static final long AUTO_BYTES = 1L << 20;

  /** The largest buffer, 2 GiB less one page: what a Java ByteBuffer can address. */
  public static final long MAX_BYTES = (1L << 31) - PAGE_BYTES;

  /**
   * Checks.
   *
   * @throws InvalidRequestException if the size is out of range
   */
  public BufferSpec {
    if (sizeBytes != AUTO && (sizeBytes < 0 || sizeBytes > MAX_BYTES)) {
      throw outOfRange(sizeBytes);
    }
  }

  /** Returns the failure of a request for a size that is out of range. */
  public static InvalidRequestException outOfRange(long sizeBytes) {
    return new InvalidRequestException(
        new Explanation(
            "a buffer of " + sizeBytes + " bytes",
            "the size must lie between 0 and " + MAX_BYTES + " bytes (2 GiB less a page)",
            "lower --buffer, for example to 1M; in drain mode a small buffer loses nothing"));
  }

  /** Returns the number of pages that a size takes: PAGE_ALIGN(size) / PAGE_SIZE. */
  public static long pages(long sizeBytes) {
    return (sizeBytes + PAGE_BYTES - 1) / PAGE_BYTES;
  }
}
