package dev.bts.accounting;

import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Ledger.JournalEntry;
import dev.bts.api.charging.Ledger.Movement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest journal entries. Its places are used again and again, so that a full ring takes an
 * entry without allocating. One thread at a time.
 */
final class JournalRing {
  private static final int FIRST_PLACES = 16;

  private final int most;
  private @Nullable Place[] places;
  private int next;
  private long lastSequence;

  /** Creates an empty ring that keeps so many entries. */
  JournalRing(int most) {
    this.most = most;
    places = new @Nullable Place[Math.min(FIRST_PLACES, most)];
  }

  private static final class Place {
    private long sequence;
    private Movement movement = Movement.REFUSED;
    private long id;
    private String buffer = "";
    private List<Charge> charges = List.of();

    JournalEntry entry() {
      return new JournalEntry(sequence, movement, id, buffer, charges);
    }
  }

  void enter(Movement movement, long id, String buffer, List<Charge> charges) {
    if (next == places.length) {
      if (places.length < most) {
        places = Arrays.copyOf(places, (int) Math.min(most, 2L * places.length));
      } else {
        next = 0;
      }
    }
    Place place = places[next];
    if (place == null) {
      place = new Place();
      places[next] = place;
    }
    next++;
    place.sequence = ++lastSequence;
    place.movement = movement;
    place.id = id;
    place.buffer = buffer;
    place.charges = charges;
  }

  /** Returns the entries, oldest first. */
  List<JournalEntry> entries() {
    List<JournalEntry> entries = new ArrayList<>(places.length);
    for (int i = 0; i < places.length; i++) {
      Place place = places[(next + i) % places.length];
      if (place != null) {
        entries.add(place.entry());
      }
    }
    return entries;
  }
}
