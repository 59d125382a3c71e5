package dev.bts.kernel.software;

import dev.bts.kernel.sys.PageRange;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** The pages of a program's code, with the addresses whose translations were made from them. */
final class Origins implements CodeSource {
  private final CodeSource source;
  private final NavigableMap<Long, Set<Long>> addresses = new TreeMap<>();

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
    PageRange pages = PageRange.of(address, address + Math.max(1, code.limit()));
    for (long page = pages.first(); page <= pages.last(); page++) {
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
    return PageRange.of(from, to).in(addresses.navigableKeySet());
  }
}
