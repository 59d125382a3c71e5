package dev.bts.cli.counts;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Two numbers for each pair of numbers. Nothing is allocated per pair but when the table grows. The
 * hash is seeded: addresses are chosen by the traced program.
 */
public final class PairTable {
  private static final int INITIAL_BITS = 10;

  private final long factor = new SplittableRandom().nextLong() | 1;
  private final long otherFactor = new SplittableRandom().nextLong() | 1;
  private int bits = INITIAL_BITS;
  private long[] keys = new long[1 << INITIAL_BITS];
  private long[] otherKeys = new long[1 << INITIAL_BITS];
  private long[] values = new long[1 << INITIAL_BITS];
  private long[] otherValues = new long[1 << INITIAL_BITS];
  private boolean[] used = new boolean[1 << INITIAL_BITS];
  private int size;

  /** Creates an empty table. */
  public PairTable() {}

  /** Is given a pair and its numbers. */
  @FunctionalInterface
  public interface Consumer {
    /** Takes them. */
    void accept(long key, long otherKey, long value, long otherValue);
  }

  /** Returns how many pairs there are. */
  public int size() {
    return size;
  }

  /** Adds to the numbers of a pair, which are zero at first. */
  public void add(long key, long otherKey, long value, long otherValue) {
    int slot = slot(key, otherKey);
    values[slot] += value;
    otherValues[slot] += otherValue;
  }

  /** Returns the first number of a pair, 0 if it is not there. */
  public long get(long key, long otherKey) {
    int slot = find(key, otherKey);
    return used[slot] ? values[slot] : 0;
  }

  /** Hands over all pairs, in no order. */
  public void forEach(Consumer consumer) {
    for (int i = 0; i < keys.length; i++) {
      if (used[i]) {
        consumer.accept(keys[i], otherKeys[i], values[i], otherValues[i]);
      }
    }
  }

  /** Forgets all pairs. */
  public void clear() {
    Arrays.fill(used, false);
    size = 0;
  }

  private int slot(long key, long otherKey) {
    int slot = find(key, otherKey);
    if (used[slot]) {
      return slot;
    }
    if (2 * size >= keys.length) {
      grow();
      slot = find(key, otherKey);
    }
    used[slot] = true;
    keys[slot] = key;
    otherKeys[slot] = otherKey;
    values[slot] = 0;
    otherValues[slot] = 0;
    size++;
    return slot;
  }

  private int find(long key, long otherKey) {
    long mixed = key * factor + otherKey * otherFactor;
    int slot = (int) (((mixed ^ (mixed >>> bits)) * factor) >>> (Long.SIZE - bits));
    while (used[slot] && (keys[slot] != key || otherKeys[slot] != otherKey)) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }

  private void grow() {
    final long[] oldKeys = keys;
    final long[] oldOtherKeys = otherKeys;
    final long[] oldValues = values;
    final long[] oldOtherValues = otherValues;
    final boolean[] oldUsed = used;
    bits++;
    keys = new long[1 << bits];
    otherKeys = new long[1 << bits];
    values = new long[1 << bits];
    otherValues = new long[1 << bits];
    used = new boolean[1 << bits];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldUsed[i]) {
        int slot = find(oldKeys[i], oldOtherKeys[i]);
        used[slot] = true;
        keys[slot] = oldKeys[i];
        otherKeys[slot] = oldOtherKeys[i];
        values[slot] = oldValues[i];
        otherValues[slot] = oldOtherValues[i];
      }
    }
  }
}
