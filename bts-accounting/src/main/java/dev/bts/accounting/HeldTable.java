package dev.bts.accounting;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reservations and receipts by id.
 *
 * <p>A chained hash table whose nodes are what it holds; the last few that were removed are used
 * again, so that a buffer that comes and goes allocates nothing. One thread at a time.
 */
final class HeldTable {
  private static final int FIRST_CAPACITY = 8;
  private static final int MOST_SPARE = 8;

  private @Nullable Held[] chains = new @Nullable Held[FIRST_CAPACITY];
  private int size;
  private @Nullable Held spare;
  private int spares;

  private static int chain(long id, int capacity) {
    // Ids are counted, so their low bits are spread already.
    return (int) id & (capacity - 1);
  }

  @Nullable Held find(long id) {
    Held held = chains[chain(id, chains.length)];
    while (held != null && held.id != id) {
      held = held.next;
    }
    return held;
  }

  /** Adds an id that is not there; the caller fills in the rest. */
  Held add(long id) {
    if (size == chains.length) {
      grow();
    }
    Held held = spare;
    if (held == null) {
      held = new Held();
    } else {
      spare = held.next;
      spares--;
    }
    held.id = id;
    link(held, chains);
    size++;
    return held;
  }

  void remove(Held held) {
    int chain = chain(held.id, chains.length);
    Held before = chains[chain];
    if (before == held) {
      chains[chain] = held.next;
    } else {
      while (before != null && before.next != held) {
        before = before.next;
      }
      if (before == null) {
        throw new IllegalStateException("not held: " + held.id);
      }
      before.next = held.next;
    }
    size--;
    held.forget();
    if (spares < MOST_SPARE) {
      held.next = spare;
      spare = held;
      spares++;
    }
  }

  /** Calls for each, in no order; nothing may be added or removed meanwhile. */
  void forEach(Consumer<Held> each) {
    for (Held first : chains) {
      for (Held held = first; held != null; held = held.next) {
        each.accept(held);
      }
    }
  }

  private void grow() {
    @Nullable Held[] larger = new @Nullable Held[2 * chains.length];
    for (Held first : chains) {
      Held held = first;
      while (held != null) {
        Held following = held.next;
        link(held, larger);
        held = following;
      }
    }
    chains = larger;
  }

  private static void link(Held held, @Nullable Held[] chains) {
    int chain = chain(held.id, chains.length);
    held.next = chains[chain];
    chains[chain] = held;
  }
}
