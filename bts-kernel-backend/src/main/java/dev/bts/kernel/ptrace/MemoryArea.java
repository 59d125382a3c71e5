package dev.bts.kernel.ptrace;

import java.util.Optional;

/**
 * One line of /proc/PID/maps: memory at [start, end).
 *
 * @param fileOffset the offset in the file that start corresponds to
 * @param path the file, or a name such as {@code [vdso]}; empty for anonymous memory
 */
public record MemoryArea(
    long start,
    long end,
    boolean readable,
    boolean writable,
    boolean executable,
    boolean shared,
    long fileOffset,
    String path) {

  /** The name of the virtual dynamic shared object's area. */
  static final String VDSO = "[vdso]";

  private static final int FIELDS = 6;

  private static final int HEX = 16;

  /** Reads a line; empty if it is not of the form that proc(5) describes. */
  static Optional<MemoryArea> parse(String line) {
    String[] fields = line.split(" +", FIELDS);
    if (fields.length < FIELDS - 1 || fields[1].length() < 4) {
      return Optional.empty();
    }
    int dash = fields[0].indexOf('-');
    try {
      String mode = fields[1];
      return Optional.of(
          new MemoryArea(
              Long.parseUnsignedLong(fields[0], 0, dash, HEX),
              Long.parseUnsignedLong(fields[0], dash + 1, fields[0].length(), HEX),
              mode.charAt(0) == 'r',
              mode.charAt(1) == 'w',
              mode.charAt(2) == 'x',
              mode.charAt(3) == 's',
              Long.parseUnsignedLong(fields[2], HEX),
              fields.length == FIELDS ? fields[5] : ""));
    } catch (NumberFormatException | IndexOutOfBoundsException malformed) {
      return Optional.empty();
    }
  }

  /** Whether this is memory that bts has mapped, now or before it died. */
  boolean isOfBts() {
    return shared && (path.startsWith("/memfd:bts:") || path.startsWith("/SYSV627473"));
  }

  boolean contains(long address) {
    return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
  }

  boolean overlaps(long from, long to) {
    return Long.compareUnsigned(from, end) < 0 && Long.compareUnsigned(start, to) < 0;
  }

  /** Whether what is executed here may have been written by the program itself, sooner or later. */
  boolean mayHoldWrittenCode() {
    return !path.startsWith("/") && !path.equals(VDSO);
  }

  /** Whether the program can write to these instructions here, and nowhere else. */
  boolean writtenCode() {
    return executable && writable && readable && !shared && !path.startsWith("/");
  }

  /** Whether instructions read here once stay the same as long as the mapping does. */
  boolean stableCode() {
    return executable && !writable && !shared;
  }
}
