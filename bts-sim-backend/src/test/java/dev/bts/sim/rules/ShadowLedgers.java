package dev.bts.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.JournaledLedger;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Ledger.Reservation;
import dev.bts.api.charging.Receipt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Shipped ledgers that do what the sessions of a modelled machine do: one for each tracing process,
 * gone when the process is. They are told of every step, and must then hold what the model holds.
 */
final class ShadowLedgers {
  /** The books of a buffer whose process has ended. */
  private static final int GONE = -1;

  private final ChargingPolicy policy;
  private final AccountTable table;
  private final WorldView view;
  private final World before;
  private final Map<Integer, Ledger> ledgers = new HashMap<>();
  private final @Nullable Reservation[] reservations;
  private final @Nullable Receipt[] receipts;

  /** The process in whose ledger each buffer is, or was. */
  private final int[] books;

  private int refusals;
  private int refunds;
  private int adoptions;

  ShadowLedgers(ChargingPolicy policy, Transitions transitions) {
    this.policy = policy;
    table = transitions.table();
    before = transitions.scratch();
    view = new WorldView(table, before);
    reservations = new @Nullable Reservation[before.shape.buffers];
    receipts = new @Nullable Receipt[before.shape.buffers];
    books = new int[before.shape.buffers];
  }

  int refusals() {
    return refusals;
  }

  int refunds() {
    return refunds;
  }

  int adoptions() {
    return adoptions;
  }

  /** Takes note of the world in which the next operation is tried. */
  void before(World world) {
    before.copy(world);
  }

  private Ledger ledgerOf(int mm) {
    return ledgers.computeIfAbsent(mm, any -> new JournaledLedger());
  }

  /** Asks a ledger for what the model was asked for, and compares the answers. */
  void refused(int operation) {
    if (Operation.kind(operation) != OperationKind.RESERVE) {
      return;
    }
    int task = Operation.argument(operation, 0);
    int on = Operation.argument(operation, 1);
    boolean asked =
        task != on
            && before.isLive(task)
            && !Tasks.isBusy(before, task)
            && before.isLive(on)
            && before.tracerOf(on) == task
            && before.freeBuffer() >= 0;
    if (asked) {
      assertThat(reserve(task, on, Operation.argument(operation, 2) + 1)).isNull();
      refusals++;
    }
  }

  private @Nullable Reservation reserve(int task, int on, int pages) {
    ChargeRequest request = table.request(before, task, on, pages);
    try {
      return ledgerOf(before.mmOf(task)).reserve(policy, request, view.counters(before), "buffer");
    } catch (ChargeRefusedException refused) {
      return null;
    }
  }

  /** Lets the ledgers do what the model has done. */
  void after(int operation, World world) {
    if (Operation.kind(operation) == OperationKind.RESERVE) {
      int buffer = before.freeBuffer();
      Reservation made =
          reserve(
              Operation.argument(operation, 0),
              Operation.argument(operation, 1),
              Operation.argument(operation, 2) + 1);
      assertThat(made).as("the ledger admits what the model admits").isNotNull();
      reservations[buffer] = made;
      books[buffer] = before.mmOf(Operation.argument(operation, 0));
    }
    for (int mm = 0; mm < world.shape.mms; mm++) {
      if (before.userOfMm(mm) >= 0 && world.userOfMm(mm) < 0) {
        ledgers.remove(mm);
        int gone = mm;
        Arrays.setAll(books, buffer -> books[buffer] == gone ? GONE : books[buffer]);
      }
    }
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      follow(buffer, world);
    }
    for (int mm = 0; mm < world.shape.mms; mm++) {
      if (world.userOfMm(mm) >= 0) {
        compare(mm, world);
      }
    }
  }

  /** The ledger that a buffer was in, if its process still lives. */
  private @Nullable Ledger formerLedger(int buffer) {
    int owner = before.ownerOf(buffer);
    return owner < 0 ? null : ledgers.get(books[buffer]);
  }

  private void follow(int buffer, World world) {
    int from = before.phase(buffer);
    int to = world.phase(buffer);
    Ledger former = formerLedger(buffer);
    if (from == Shape.RESERVED && to == Shape.IN_USE) {
      Reservation reservation = Objects.requireNonNull(reservations[buffer]);
      receipts[buffer] = Objects.requireNonNull(former).commit(reservation);
      reservations[buffer] = null;
    } else if (from == Shape.RESERVED && to == Shape.NONE) {
      if (former != null) {
        former.cancel(Objects.requireNonNull(reservations[buffer]));
      }
      reservations[buffer] = null;
    } else if (from == Shape.IN_USE && to == Shape.NONE) {
      if (former != null) {
        assertThat(former.refund(Objects.requireNonNull(receipts[buffer]))).isTrue();
        assertThat(former.refund(Objects.requireNonNull(receipts[buffer]))).isFalse();
        refunds++;
      }
      receipts[buffer] = null;
    } else if (from == Shape.IN_USE && before.ownerOf(buffer) != world.ownerOf(buffer)) {
      move(buffer, world, former);
    }
  }

  private void move(int buffer, World world, @Nullable Ledger former) {
    if (former != null) {
      assertThat(former.handOver(Objects.requireNonNull(receipts[buffer]))).isTrue();
    }
    receipts[buffer] = null;
    if (world.ownerOf(buffer) >= 0) {
      books[buffer] = world.mmOf(world.ownerOf(buffer));
      receipts[buffer] =
          ledgerOf(world.mmOf(world.ownerOf(buffer)))
              .adopt(
                  policy.name(),
                  "buffer",
                  world.buffer(buffer, Shape.SIZE),
                  charges(world, buffer),
                  "");
      adoptions++;
    }
  }

  private List<Charge> charges(World world, int buffer) {
    List<Charge> charges = new ArrayList<>();
    for (int charge = 0; charge < Shape.MOST_CHARGES; charge++) {
      int account = world.chargedAccount(buffer, charge);
      if (account >= 0) {
        charges.add(new Charge(table.account(account), world.chargedPages(buffer, charge)));
      }
    }
    return charges;
  }

  /** A process's ledger holds what the model's buffers of that process hold. */
  private void compare(int mm, World world) {
    Ledger ledger = ledgerOf(mm);
    int held = 0;
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      Receipt receipt = receipts[buffer];
      if (world.phase(buffer) == Shape.IN_USE && isOf(world, buffer, mm)) {
        assertThat(receipt).isNotNull();
        assertThat(sorted(Objects.requireNonNull(receipt).charges()))
            .isEqualTo(sorted(charges(world, buffer)));
        held++;
      }
    }
    assertThat(ledger.liveReceipts()).hasSize(held);
    for (int account = 0; account < world.shape.accounts; account++) {
      Account named = table.account(account);
      assertPages(ledger.chargedPages(named), world, account, mm, Shape.IN_USE);
      assertPages(ledger.reservedPages(named), world, account, mm, Shape.RESERVED);
    }
  }

  private void assertPages(long pages, World world, int account, int mm, int phase) {
    int expected = 0;
    for (int buffer = 0; buffer < world.shape.buffers; buffer++) {
      if (world.phase(buffer) == phase && isOf(world, buffer, mm)) {
        expected += world.chargedPagesOn(buffer, account);
      }
    }
    if (pages != expected) {
      assertThat(pages).as(table.account(account).toString()).isEqualTo(expected);
    }
  }

  private boolean isOf(World world, int buffer, int mm) {
    return world.ownerOf(buffer) >= 0 && books[buffer] == mm;
  }

  /** A receipt may have charges of no pages; the model has none. */
  private static List<Charge> sorted(List<Charge> charges) {
    return charges.stream()
        .filter(charge -> charge.pages() > 0)
        .sorted(Comparator.comparing(Charge::toString))
        .toList();
  }
}
