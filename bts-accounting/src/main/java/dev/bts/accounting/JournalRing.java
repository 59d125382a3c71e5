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
 */
// The ordinals of movements are bytes, cheaper to store than references, and do not leave the ring.
@SuppressWarnings("EnumOrdinal")
final class JournalRing {
  private static final int FIRST_PLACES = 16;

  private final int most;

  /** What moved, and how, in the same places. */
  private @Nullable Receipt[] moved;

  private byte[] movements;
  private int next;
  private long lastSequence;

  /** Creates an empty ring that keeps so many entries. */
  JournalRing(int most) {
    this.most = most;
    int first = Math.min(FIRST_PLACES, most);
    moved = new @Nullable Receipt[first];
    movements = new byte[first];
  }

  void enter(Movement movement, Receipt receipt) {
    int place = next;
    if (place == moved.length) {
      if (place < most) {
        int more = (int) Math.min(most, 2L * place);
        moved = Arrays.copyOf(moved, more);
        movements = Arrays.copyOf(movements, more);
      } else {
        place = 0;
      }
    }
    moved[place] = receipt;
    movements[place] = (byte) movement.ordinal();
    next = place + 1;
    lastSequence++;
  }

  /** Returns the entries, oldest first. */
  List<JournalEntry> entries() {
    int count = (int) Math.min(lastSequence, moved.length);
    List<JournalEntry> entries = new ArrayList<>(count);
    for (int age = count - 1; age >= 0; age--) {
      int place = Math.floorMod(next - 1 - age, moved.length);
      Receipt receipt = Objects.requireNonNull(moved[place]);
      Movement movement = Movement.values()[movements[place]];
      entries.add(
          new JournalEntry(
              lastSequence - age, movement, receipt.id(), receipt.buffer(), receipt.charges()));
    }
    return entries;
  }
}
