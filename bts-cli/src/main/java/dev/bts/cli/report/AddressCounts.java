package dev.bts.cli.report;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Counts how often addresses were branched from and to. Nothing is allocated per count but when the
 * table grows. The hash is seeded: addresses are chosen by the traced program.
 */
final class AddressCounts {
  private static final int INITIAL_BITS = 10;

  private final long factor = new SplittableRandom().nextLong() | 1;
  private int bits = INITIAL_BITS;
  private long[] addresses = new long[1 << INITIAL_BITS];

  /** How often branched from; a slot with both counts zero is free. */
  private long[] from = new long[1 << INITIAL_BITS];

  private long[] to = new long[1 << INITIAL_BITS];
  private int size;

  /** Is given the counts of one address. */
  @FunctionalInterface
  interface Consumer {
    void accept(long address, long branchesFrom, long branchesTo);
  }

  int size() {
    return size;
  }

  void countFrom(long address) {
    // First the slot: looking for it may replace the arrays.
    int slot = slot(address);
    from[slot]++;
  }

  void countTo(long address) {
    int slot = slot(address);
    to[slot]++;
  }

  void forEach(Consumer consumer) {
    for (int i = 0; i < addresses.length; i++) {
      if ((from[i] | to[i]) != 0) {
        consumer.accept(addresses[i], from[i], to[i]);
      }
    }
  }

  void clear() {
    Arrays.fill(from, 0);
    Arrays.fill(to, 0);
    size = 0;
  }

  /** Returns the slot of an address, which the caller counts up at once. */
  private int slot(long address) {
    int slot = find(address);
    if ((from[slot] | to[slot]) != 0) {
      return slot;
    }
    if (2 * size >= addresses.length) {
      grow();
      slot = find(address);
    }
    addresses[slot] = address;
    size++;
    return slot;
  }

  private int find(long address) {
    int slot = (int) ((address * factor) >>> (Long.SIZE - bits));
    while ((from[slot] | to[slot]) != 0 && addresses[slot] != address) {
      slot = (slot + 1) & (addresses.length - 1);
    }
    return slot;
  }

  private void grow() {
    long[] oldAddresses = addresses;
    long[] oldFrom = from;
    long[] oldTo = to;
    bits++;
    addresses = new long[1 << bits];
    from = new long[1 << bits];
    to = new long[1 << bits];
    for (int i = 0; i < oldAddresses.length; i++) {
      if ((oldFrom[i] | oldTo[i]) != 0) {
        int slot = find(oldAddresses[i]);
        addresses[slot] = oldAddresses[i];
        from[slot] = oldFrom[i];
        to[slot] = oldTo[i];
      }
    }
  }
}
