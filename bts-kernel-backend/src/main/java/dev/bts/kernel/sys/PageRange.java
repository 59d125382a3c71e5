package dev.bts.kernel.sys;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;

/**
 * The numbers of the pages that a piece of memory overlaps. A number is an address divided by the
 * size of a page, so that numbers are in order where addresses, unsigned, are not.
 *
 * @param first the first page's
 * @param last the last page's, less than the first's if there is none
 */
public record PageRange(long first, long last) {
  private static final int PAGE_BITS = Long.numberOfTrailingZeros(Mapping.PAGE_BYTES);

  /** Returns the pages of the memory from one address up to another, exclusive, unsigned. */
  public static PageRange of(long from, long to) {
    return Long.compareUnsigned(from, to) < 0
        ? new PageRange(number(from), number(to - 1))
        : new PageRange(number(from), number(from) - 1);
  }

  /** Returns the number of the page that an address lies in. */
  public static long number(long address) {
    return address >>> PAGE_BITS;
  }

  /** Returns the address of a page. */
  public static long address(long number) {
    return number << PAGE_BITS;
  }

  /** Returns the numbers that are in a set as well. */
  public List<Long> in(NavigableSet<Long> numbers) {
    return first > last ? List.of() : new ArrayList<>(numbers.subSet(first, true, last, true));
  }
}
