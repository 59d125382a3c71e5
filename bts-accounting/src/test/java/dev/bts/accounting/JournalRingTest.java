package dev.bts.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.bts.api.charging.Ledger.JournalEntry;
import dev.bts.api.charging.Ledger.Movement;
import dev.bts.api.charging.Receipt;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the ring with a list of all that was entered. */
class JournalRingTest {
  private static final List<Movement> MOVEMENTS = List.copyOf(EnumSet.allOf(Movement.class));
  private static final long SEED = 20261130;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 15, 16, 17, 31, 40, 100})
  void keepsTheNewestEntries(int most) {
    Random random = new Random(SEED + most);
    JournalRing ring = new JournalRing(most);
    List<JournalEntry> all = new ArrayList<>();
    List<Receipt> some = new ArrayList<>(List.of(receipt(1)));
    for (int i = 1; i <= 8 * most + 50; i++) {
      if (random.nextBoolean()) {
        some.add(receipt(some.size() + 1L));
      }
      // Mostly the newest, now and then an old one once more.
      Receipt receipt =
          some.get(random.nextInt(4) > 0 ? some.size() - 1 : random.nextInt(some.size()));
      Movement movement = MOVEMENTS.get(random.nextInt(MOVEMENTS.size()));
      ring.enter(movement, receipt);
      all.add(new JournalEntry(i, movement, receipt.id(), receipt.buffer(), receipt.charges()));
      assertEquals(
          all.subList(Math.max(0, all.size() - most), all.size()),
          ring.entries(),
          () -> "seed " + SEED + ", " + most + " entries");
    }
  }

  private static Receipt receipt(long id) {
    return new Receipt(id, "tracer", "buffer " + id, id, List.of(), "");
  }
}
