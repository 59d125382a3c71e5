package dev.bts.cli.symbols;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an ELF file says about addresses: segments, symbols by address, build id in hex. */
final class ElfImage {
  /** How many labels are passed over in search of the function that they stand in. */
  private static final int LABELS_MAX = 64;

  private static final long PAGE_BYTES = 4096;

  private final List<Segment> segments;
  private final List<Symbol> symbols;
  private final Map<String, List<Symbol>> symbolsOfName = new HashMap<>();
  private final String buildId;

  ElfImage(List<Segment> segments, List<Symbol> unordered, String buildId) {
    this.segments = List.copyOf(segments);
    this.buildId = buildId;
    List<Symbol> ordered = new ArrayList<>(unordered);
    // The best name of an address comes last: one with an end, the shortest.
    ordered.sort(
        Comparator.<Symbol>comparingLong(s -> s.start() + Long.MIN_VALUE)
            .thenComparing(Symbol::exact)
            .thenComparing(s -> -s.name().length())
            .thenComparing(Symbol::name));
    symbols = ordered;
  }

  /** A part of the file that is loaded; offsets and sizes in bytes. */
  record Segment(long offset, long address, long fileBytes) {}

  String buildId() {
    return buildId;
  }

  /** Returns the symbols by address. */
  List<Symbol> symbols() {
    return Collections.unmodifiableList(symbols);
  }

  /** Returns the virtual address of a byte of the file, -1 if it is not loaded. */
  long addressOf(long fileOffset) {
    for (Segment segment : segments) {
      long within = fileOffset - segment.offset;
      if (within >= 0 && within < segment.fileBytes) {
        return segment.address + within;
      }
    }
    return -1;
  }

  /** Returns the lowest virtual address that something is loaded at, rounded down to a page. */
  long lowestAddress() {
    return segments.stream().mapToLong(Segment::address).min().orElse(0) & -PAGE_BYTES;
  }

  /** Returns which of the local symbols of its name this one is, by address, counted from 1. */
  int localNumber(Symbol local) {
    int number = 1;
    for (Symbol symbol : symbolsOfName.computeIfAbsent(local.name(), this::localsOfName)) {
      if (symbol.start() == local.start()) {
        return number;
      }
      number++;
    }
    return number;
  }

  private List<Symbol> localsOfName(String name) {
    return symbols.stream().filter(s -> s.local() && s.name().equals(name)).toList();
  }

  /** Returns the symbol whose code an address belongs to, null if there is none. */
  @Nullable Symbol symbolAt(long address) {
    int low = 0;
    int high = symbols.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(symbols.get(middle).start(), address) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    // Labels without an end may stand within a function.
    Symbol label = null;
    for (int i = low - 1; i >= Math.max(0, low - LABELS_MAX); i--) {
      Symbol candidate = symbols.get(i);
      if (candidate.contains(address)) {
        if (candidate.exact()) {
          return candidate;
        }
        label = label == null ? candidate : label;
      }
    }
    return label;
  }
}
