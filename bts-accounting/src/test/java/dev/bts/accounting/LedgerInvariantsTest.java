package dev.bts.accounting;

import static dev.bts.accounting.FakeAccounts.TRACEE;
import static dev.bts.accounting.FakeAccounts.TRACER;
import static dev.bts.accounting.FakeAccounts.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Ledger.JournalEntry;
import dev.bts.api.charging.Ledger.Movement;
import dev.bts.api.charging.Ledger.Reservation;
import dev.bts.api.charging.Receipt;
import dev.bts.api.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The invariants of accounting after every step of random histories over two ledgers. */
class LedgerInvariantsTest {
  private static final int STEPS = 600;
  private static final int JOURNAL_ENTRIES = 10_000;
  private static final long MOST_PAGES = 6;
  private static final long MOST_LIMIT_PAGES = 30;
  private static final long TIMEOUT_NANOS = 20;
  private static final List<ChargingPolicy> POLICIES = Policies.builtIn();
  private static final List<Account> LIMITED =
      List.of(
          Account.totalVm(TRACER.mm()),
          Account.lockedVm(TRACER.mm()),
          Account.pinnedVm(TRACER.mm()),
          Account.lockedVm(TRACEE.mm()),
          Account.userMemlock(TRACER.principal()),
          Account.userPerf(TRACER.principal()),
          Account.groupMemory(TRACER.group()));

  @Test
  void everyStepKeepsTheInvariants() {
    Seeds.forEach(LedgerInvariantsTest.class, "bts-accounting", 20, seed -> new Run(seed).go());
  }

  /** A history, with what must be true written down beside it. */
  private static final class Run {
    private final Random random;
    private final FakeAccounts kernel = new FakeAccounts();
    private final Map<Account, Long> foreign = new HashMap<>();
    private final AtomicLong clock = new AtomicLong();
    private final JournaledLedger mine = ledger();
    private final JournaledLedger heir = ledger();
    private final Map<Reservation, Long> open = new HashMap<>();
    private final Map<Long, Receipt> live = new TreeMap<>();
    private final List<Receipt> inherited = new ArrayList<>();
    private int refusals;
    private int expired;

    Run(long seed) {
      random = Seeds.random(seed);
      LIMITED.forEach(this::changeLimit);
    }

    private JournaledLedger ledger() {
      return new JournaledLedger(JOURNAL_ENTRIES, Duration.ofNanos(TIMEOUT_NANOS), clock::get);
    }

    void go() {
      for (int step = 0; step < STEPS; step++) {
        step();
        check();
      }
      while (!live.isEmpty()) {
        giveBack(anyLive());
        check();
      }
      for (Receipt receipt : inherited) {
        charge(receipt.charges(), -1);
        assertThat(heir.refund(receipt)).isTrue();
      }
      clock.addAndGet(TIMEOUT_NANOS);
      for (Account account : LIMITED) {
        assertThat(mine.reservedPages(account)).isZero();
        assertThat(mine.chargedPages(account)).isZero();
        assertThat(heir.chargedPages(account)).isZero();
        assertThat(kernel.usedPages(account)).isEqualTo(foreign.getOrDefault(account, 0L));
      }
      assertThat(refusals).as("something was refused").isPositive();
      assertThat(expired).as("something expired").isPositive();
    }

    private void step() {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> reserve();
        case 3, 4 -> commit();
        case 5 -> cancel();
        case 6 -> clock.addAndGet(random.nextInt(25));
        case 7 -> {
          if (!live.isEmpty()) {
            giveBack(anyLive());
          }
        }
        case 8 -> {
          if (!live.isEmpty()) {
            handOver(anyLive());
          }
        }
        default -> changeLimitOrForeignUse();
      }
    }

    private void changeLimitOrForeignUse() {
      Account account = LIMITED.get(random.nextInt(LIMITED.size()));
      if (random.nextBoolean()) {
        changeLimit(account);
        return;
      }
      long before = foreign.getOrDefault(account, 0L);
      long after = random.nextInt(5);
      foreign.put(account, after);
      kernel.move(account, after - before);
    }

    private void changeLimit(Account account) {
      kernel.limit(account, random.nextLong(MOST_LIMIT_PAGES));
    }

    private void reserve() {
      ChargingPolicy policy = POLICIES.get(random.nextInt(POLICIES.size()));
      try {
        Reservation held =
            mine.reserve(policy, request(1 + random.nextLong(MOST_PAGES)), kernel, "b");
        for (Charge charge : held.plan().charges()) {
          Account account = charge.account();
          long reserved = mine.reservedPages(account);
          assertThat(kernel.usedPages(account) + reserved)
              .as("%s: at most the limit at admission", account)
              .satisfies(
                  used -> assertThat(charge.pages() == 0 || used <= limit(account)).isTrue());
        }
        open.put(held, clock.get() + TIMEOUT_NANOS);
      } catch (ChargeRefusedException refused) {
        refusals++;
      }
    }

    private long limit(Account account) {
      return kernel.limitPages(account, TRACER);
    }

    private void commit() {
      Reservation held = anyOpen();
      if (held == null) {
        return;
      }
      boolean late = Objects.requireNonNull(open.remove(held)) <= clock.get();
      charge(held.plan().charges(), 1);
      if (late) {
        expired++;
        assertThatThrownBy(() -> mine.commit(held))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("has expired");
        charge(held.plan().charges(), -1);
        mine.cancel(held);
      } else {
        Receipt receipt = mine.commit(held);
        live.put(receipt.id(), receipt);
        assertThatThrownBy(() -> mine.cancel(held)).isInstanceOf(IllegalStateException.class);
      }
    }

    private void cancel() {
      Reservation held = anyOpen();
      if (held == null) {
        return;
      }
      boolean late = Objects.requireNonNull(open.remove(held)) <= clock.get();
      mine.cancel(held);
      if (late) {
        mine.cancel(held);
      } else {
        assertThatThrownBy(() -> mine.cancel(held)).isInstanceOf(IllegalStateException.class);
      }
    }

    private @Nullable Reservation anyOpen() {
      List<Reservation> all = new ArrayList<>(open.keySet());
      all.sort(Comparator.comparingLong(each -> each.receipt().id()));
      return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private Receipt anyLive() {
      return List.copyOf(live.values()).get(random.nextInt(live.size()));
    }

    private void giveBack(Receipt receipt) {
      live.remove(receipt.id());
      charge(receipt.charges(), -1);
      assertThat(mine.refund(receipt)).isTrue();
      assertThat(mine.refund(receipt)).isFalse();
      assertThat(mine.handOver(receipt)).isFalse();
    }

    private void handOver(Receipt receipt) {
      live.remove(receipt.id());
      assertThat(mine.handOver(receipt)).isTrue();
      assertThat(mine.handOver(receipt)).isFalse();
      assertThat(mine.refund(receipt)).isFalse();
      inherited.add(
          heir.adopt(
              receipt.policy(),
              receipt.buffer(),
              receipt.pages(),
              receipt.charges(),
              receipt.liftedBy()));
    }

    private void charge(List<Charge> charges, int sign) {
      charges.forEach(charge -> kernel.move(charge.account(), sign * charge.pages()));
    }

    private void check() {
      assertThat(mine.liveReceipts()).containsExactlyElementsOf(live.values());
      assertThat(heir.liveReceipts()).containsExactlyElementsOf(inherited);
      Map<Account, Long> charged = new HashMap<>();
      live.values().forEach(receipt -> add(charged, receipt.charges(), 1));
      Map<Account, Long> all = new HashMap<>(charged);
      inherited.forEach(receipt -> add(all, receipt.charges(), 1));
      Map<Account, Long> reserved = new HashMap<>();
      open.forEach(
          (held, deadline) -> {
            if (clock.get() < deadline) {
              add(reserved, held.plan().charges(), 1);
            }
          });
      for (Account account : LIMITED) {
        assertThat(kernel.usedPages(account) - foreign.getOrDefault(account, 0L))
            .as("counter of %s without foreign use", account)
            .isNotNegative()
            .isEqualTo(all.getOrDefault(account, 0L));
        assertThat(mine.chargedPages(account)).isEqualTo(charged.getOrDefault(account, 0L));
        assertThat(mine.reservedPages(account)).isEqualTo(reserved.getOrDefault(account, 0L));
      }
      Replay replay = new Replay(mine.journal());
      for (Account account : LIMITED) {
        assertThat(replay.reserved.getOrDefault(account, 0L))
            .isEqualTo(mine.reservedPages(account));
        assertThat(replay.charged.getOrDefault(account, 0L)).isEqualTo(mine.chargedPages(account));
      }
    }
  }

  private static void add(Map<Account, Long> totals, List<Charge> charges, int sign) {
    charges.forEach(charge -> totals.merge(charge.account(), sign * charge.pages(), Long::sum));
  }

  /** A whole journal, played again: every entry must be possible where it stands. */
  static final class Replay {
    private static final Set<Movement> OPENS = Set.of(Movement.RESERVED, Movement.ADOPTED);
    private static final Set<Movement> NEEDS_RESERVATION =
        Set.of(Movement.COMMITTED, Movement.CANCELLED, Movement.EXPIRED);

    final Map<Account, Long> reserved = new HashMap<>();
    final Map<Account, Long> charged = new HashMap<>();
    private final Map<Long, Movement> state = new HashMap<>();

    Replay(List<JournalEntry> journal) {
      long sequence = 0;
      for (JournalEntry entry : journal) {
        assertThat(entry.sequence()).isEqualTo(++sequence);
        if (entry.movement() != Movement.REFUSED) {
          play(entry);
        }
      }
    }

    private void play(JournalEntry entry) {
      Movement before = state.put(entry.id(), entry.movement());
      if (OPENS.contains(entry.movement())) {
        assertThat(before).as("%s", entry).isNull();
      } else if (NEEDS_RESERVATION.contains(entry.movement())) {
        assertThat(before).as("%s", entry).isEqualTo(Movement.RESERVED);
        add(reserved, entry.charges(), -1);
      } else {
        assertThat(before).as("%s", entry).isIn(Movement.COMMITTED, Movement.ADOPTED);
        add(charged, entry.charges(), -1);
      }
      switch (entry.movement()) {
        case RESERVED -> add(reserved, entry.charges(), 1);
        case COMMITTED, ADOPTED -> add(charged, entry.charges(), 1);
        default -> {}
      }
    }
  }

  @Test
  void aLateCommitIsTakenUnlessSomebodyHasWantedPagesMeanwhile() {
    AtomicLong clock = new AtomicLong();
    Ledger ledger = new JournaledLedger(4, Duration.ofNanos(TIMEOUT_NANOS), clock::get);
    FakeAccounts kernel = new FakeAccounts();
    Reservation unnoticed = ledger.reserve(new TracerPays(), request(1), kernel, "b");
    clock.set(TIMEOUT_NANOS);
    Receipt receipt = ledger.commit(unnoticed);
    assertThat(ledger.liveReceipts()).containsExactly(receipt);
    assertThat(ledger.reservedPages(LIMITED.get(1))).isZero();

    Reservation noticed = ledger.reserve(new TracerPays(), request(1), kernel, "b");
    assertThat(ledger.reservedPages(LIMITED.get(1))).isEqualTo(1);
    clock.set(2 * TIMEOUT_NANOS);
    ledger.reserve(new TracerPays(), request(1), kernel, "b");
    assertThatThrownBy(() -> ledger.commit(noticed)).hasMessageContaining("has expired");
    assertThat(ledger.liveReceipts()).containsExactly(receipt);
  }

  @Test
  void aLedgerThatIsFullOfExpiredReservationsForgetsTheOldest() {
    AtomicLong clock = new AtomicLong();
    Ledger ledger = new JournaledLedger(4, Duration.ofNanos(TIMEOUT_NANOS), clock::get);
    FakeAccounts kernel = new FakeAccounts();
    List<Reservation> held = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      held.add(ledger.reserve(new TracerPays(), request(1), kernel, "b"));
    }
    clock.set(TIMEOUT_NANOS - 1);
    assertThat(ledger.reservedPages(LIMITED.get(1))).isEqualTo(2000);
    clock.set(TIMEOUT_NANOS);
    assertThat(ledger.reservedPages(LIMITED.get(1))).isZero();
    assertThat(ledger.journal())
        .hasSize(4)
        .allSatisfy(entry -> assertThat(entry.movement()).isEqualTo(Movement.EXPIRED));
    ledger.cancel(held.get(1999));
    assertThatThrownBy(() -> ledger.cancel(held.get(0))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger.commit(held.get(0))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theTimeOfALoneReservationStartsWhenSomebodyElseAsks() {
    AtomicLong clock = new AtomicLong();
    AtomicInteger looks = new AtomicInteger();
    Ledger ledger =
        new JournaledLedger(
            4,
            Duration.ofNanos(TIMEOUT_NANOS),
            () -> {
              looks.incrementAndGet();
              return clock.get();
            });
    FakeAccounts kernel = new FakeAccounts();
    assertThat(looks).hasValue(1);
    Reservation lone = ledger.reserve(new TracerPays(), request(1), kernel, "b");
    clock.set(TIMEOUT_NANOS);
    assertThat(looks).as("looks at the clock, beyond that of the ledger's making").hasValue(1);
    Reservation second = ledger.reserve(new TracerPays(), request(1), kernel, "b");
    clock.set(2 * TIMEOUT_NANOS - 1);
    assertThat(ledger.reservedPages(LIMITED.get(1))).isEqualTo(2);
    clock.set(2 * TIMEOUT_NANOS);
    assertThat(ledger.reservedPages(LIMITED.get(1))).isZero();
    assertThatThrownBy(() -> ledger.commit(lone)).hasMessageContaining("has expired");
    assertThatThrownBy(() -> ledger.commit(second)).hasMessageContaining("has expired");
  }

  @Test
  void aReservationForEverNeverAsksForTheTime() {
    Ledger ledger =
        new JournaledLedger(
            4,
            Duration.ofSeconds(Long.MAX_VALUE),
            () -> {
              throw new AssertionError("asked");
            });
    Reservation held = ledger.reserve(new TracerPays(), request(1), new FakeAccounts(), "b");
    assertThat(ledger.refund(ledger.commit(held))).isTrue();
    assertThatThrownBy(() -> new JournaledLedger(4, Duration.ZERO, () -> 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A decision that is disturbed every time is taken under the locks in the end. */
  @Test
  void aPolicyThatIsAlwaysDisturbedStillEnds() {
    JournaledLedger ledger = new JournaledLedger(100, Duration.ofSeconds(Long.MAX_VALUE), () -> 0);
    FakeAccounts kernel = new FakeAccounts();
    AtomicLong asked = new AtomicLong();
    ChargingPolicy tracer = new TracerPays();
    ChargingPolicy disturbed =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "disturbed";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            ChargePlan plan = tracer.plan(request, view);
            // Another session reserves between; under the locks it would have to wait.
            if (asked.incrementAndGet() <= 8) {
              ledger.reserve(tracer, request(1), kernel, "other");
            }
            return plan;
          }
        };
    Account locked = Account.lockedVm(TRACER.mm());
    kernel.limit(locked, 9);
    assertThat(ledger.reserve(disturbed, request(1), kernel, "b").receipt().pages()).isEqualTo(1);
    assertThat(asked.get()).isEqualTo(9);
    assertThat(ledger.reservedPages(locked)).isEqualTo(9);
  }
}
