package dev.bts.kernel.software;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The pages of a program's code, with the addresses whose translations were made from them. */
final class Origins implements CodeSource {
  private static final int PAGE_BITS = 12;

  private final CodeSource source;
  private final Map<Long, Set<Long>> addresses = new HashMap<>();

  /** The pages that were read for the present translation. */
  private final Set<Long> read = new HashSet<>();

  Origins(CodeSource source) {
    this.source = source;
  }

  /** Begins with a translation: what is read from now on belongs to it. */
  void begin() {
    read.clear();
  }

  @Override
  public ByteBuffer read(long address, int bytes) {
    ByteBuffer code = source.read(address, bytes);
    long last = address + Math.max(0, code.limit() - 1);
    for (long page = address >>> PAGE_BITS; page <= last >>> PAGE_BITS; page++) {
      read.add(page);
    }
    return code;
  }

  @Override
  public boolean isWrittenByProgram(long address) {
    return source.isWrittenByProgram(address);
  }

  /** Notes the address of the present translation, or of code that cannot be translated. */
  void end(long address) {
    for (long page : read) {
      addresses.computeIfAbsent(page, none -> new HashSet<>()).add(address);
    }
  }

  /** Returns whether anything was translated from a piece of memory. */
  boolean includes(long from, long to) {
    return !pages(from, to).isEmpty();
  }

  /** Forgets a piece of memory; returns the addresses whose translations were made from it. */
  Set<Long> take(long from, long to) {
    Set<Long> taken = new HashSet<>();
    for (long page : pages(from, to)) {
      taken.addAll(addresses.remove(page));
    }
    return taken;
  }

  void clear() {
    addresses.clear();
  }

  private List<Long> pages(long from, long to) {
    return addresses.keySet().stream()
        .filter(page -> Long.compareUnsigned(page << PAGE_BITS, to) < 0)
        .filter(page -> Long.compareUnsigned((page + 1) << PAGE_BITS, from) > 0)
        .collect(Collectors.toList());
  }
}
