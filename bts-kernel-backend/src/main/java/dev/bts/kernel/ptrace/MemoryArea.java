package dev.bts.kernel.ptrace;

import dev.bts.kernel.sys.MapsLine;

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

  /** Returns the memory that a line is about. */
  static MemoryArea of(MapsLine line) {
    return new MemoryArea(
        line.start(),
        line.end(),
        line.allows('r'),
        line.allows('w'),
        line.allows('x'),
        line.shared(),
        line.fileOffset(),
        line.name());
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
