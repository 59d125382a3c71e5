package dev.bts.accounting;

import dev.bts.api.charging.Ledger.JournalEntry;
import dev.bts.api.charging.Ledger.Movement;
import dev.bts.api.charging.Receipt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The newest journal entries. Its places are used again and again, so that a full ring takes an
 * entry without allocating. One thread at a time.
 *
 * <p>What moves moves more than once, mostly: it is reserved, committed and refunded. A receipt is
 * therefore kept once for entries that follow each other, in a ring of its own that has as many
 * places as that of the entries. It moves on by one place for an entry at most, so that no receipt
 * is overwritten while there is an entry that means it.
 */
// Small numbers, because a reference costs more to store: the ordinals do not leave the ring. Equal
// receipts would do as well as the same ones; that they are the same is found sooner.
@SuppressWarnings({"EnumOrdinal", "ReferenceEquality"})
final class JournalRing {
  private static final int FIRST_PLACES = 16;

  private final int most;

  /** How something moved, and the place in {@link #receipts} of what it was. */
  private byte[] movements;

  private int[] moved;
  private int next;

  private @Nullable Receipt[] receipts;
  private int latest;
  private long lastSequence;

  /** Creates an empty ring that keeps so many entries. */
  JournalRing(int most) {
    this.most = most;
    int first = Math.min(FIRST_PLACES, most);
    movements = new byte[first];
    moved = new int[first];
    receipts = new @Nullable Receipt[first];
    latest = first - 1;
  }

  void enter(Movement movement, Receipt receipt) {
    int place = next;
    if (place == moved.length) {
      if (place < most) {
        grow((int) Math.min(most, 2L * place));
      } else {
        place = 0;
      }
    }
    if (receipt != receipts[latest]) {
      latest = latest + 1 == receipts.length ? 0 : latest + 1;
      receipts[latest] = receipt;
    }
    movements[place] = (byte) movement.ordinal();
    moved[place] = latest;
    next = place + 1;
    lastSequence++;
  }

  private void grow(int places) {
    movements = Arrays.copyOf(movements, places);
    moved = Arrays.copyOf(moved, places);
    receipts = Arrays.copyOf(receipts, places);
  }

  /** Returns the entries, oldest first. */
  List<JournalEntry> entries() {
    int count = (int) Math.min(lastSequence, moved.length);
    List<JournalEntry> entries = new ArrayList<>(count);
    for (int age = count - 1; age >= 0; age--) {
      int place = Math.floorMod(next - 1 - age, moved.length);
      Receipt receipt = Objects.requireNonNull(receipts[moved[place]]);
      Movement movement = Movement.values()[movements[place]];
      entries.add(
          new JournalEntry(
              lastSequence - age, movement, receipt.id(), receipt.buffer(), receipt.charges()));
    }
    return entries;
  }
}
