package dev.bts.accounting;

import static dev.bts.accounting.FakeAccounts.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger.Reservation;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several sessions at once: the invariants of accounting under races. */
class JournaledLedgerConcurrencyTest {
  private static final int THREADS = 4;
  private static final int STEPS = 400;
  private static final long LIMIT_PAGES = 12;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  /** A kernel with atomic counters and its own limit, which a sound ledger never reaches. */
  private static final class AtomicKernel implements AccountView {
    private final Map<Account, AtomicLong> counters = new ConcurrentHashMap<>();
    private final AtomicLong peakPages = new AtomicLong();

    AtomicLong counter(Account account) {
      return counters.computeIfAbsent(account, a -> new AtomicLong());
    }

    void charge(List<Charge> charges) {
      for (Charge charge : charges) {
        long now = counter(charge.account()).addAndGet(charge.pages());
        peakPages.accumulateAndGet(now, Math::max);
      }
    }

    void uncharge(List<Charge> charges) {
      for (Charge charge : charges) {
        counter(charge.account()).addAndGet(-charge.pages());
      }
    }

    @Override
    public long usedPages(Account account) {
      return counter(account).get();
    }

    @Override
    public long limitPages(Account account, TaskIdentity charger) {
      return LIMIT_PAGES;
    }

    @Override
    public Optional<String> liftedBy(Account account, TaskIdentity charger) {
      return Optional.empty();
    }
  }

  private void inAllThreads(ThrowingTask task) {
    List<Future<?>> running = new ArrayList<>();
    CyclicBarrier together = new CyclicBarrier(THREADS);
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      running.add(
          threads.submit(
              () -> {
                together.await();
                task.run(thread);
                return null;
              }));
    }
    for (Future<?> future : running) {
      try {
        future.get();
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      }
    }
  }

  private interface ThrowingTask {
    void run(int thread) throws Exception;
  }

  @Test
  void noInterleavingBreaksTheInvariants() {
    Seeds.forEach(JournaledLedgerConcurrencyTest.class, "bts-accounting", 10, this::soak);
  }

  private void soak(long seed) {
    JournaledLedger ledger = new JournaledLedger(THREADS * STEPS * 3);
    JournaledLedger heir = new JournaledLedger();
    AtomicKernel kernel = new AtomicKernel();
    AtomicInteger admissions = new AtomicInteger();
    AtomicInteger refusals = new AtomicInteger();
    inAllThreads(
        thread -> {
          Random random = Seeds.random(seed * THREADS + thread);
          List<Receipt> mine = new ArrayList<>();
          for (int step = 0; step < STEPS; step++) {
            if (!mine.isEmpty() && random.nextBoolean()) {
              Receipt receipt = mine.remove(random.nextInt(mine.size()));
              if (random.nextInt(4) == 0) {
                new LedgerInvariantsTest.Replay(ledger.journal());
                assertThat(ledger.handOver(receipt)).isTrue();
                Receipt adopted = heir.adopt("tracer", "b", receipt.pages(), receipt.charges(), "");
                kernel.uncharge(receipt.charges());
                assertThat(heir.refund(adopted)).isTrue();
                continue;
              }
              kernel.uncharge(receipt.charges());
              assertThat(ledger.refund(receipt)).isTrue();
              continue;
            }
            ChargingPolicy policy = random.nextBoolean() ? new TracerPays() : new UserPays();
            try {
              Reservation held =
                  ledger.reserve(policy, request(1 + random.nextInt(5)), kernel, "b");
              if (random.nextInt(4) == 0) {
                ledger.cancel(held);
              } else {
                kernel.charge(held.plan().charges());
                mine.add(ledger.commit(held));
                admissions.incrementAndGet();
              }
            } catch (ChargeRefusedException refused) {
              refusals.incrementAndGet();
            }
          }
          for (Receipt receipt : mine) {
            kernel.uncharge(receipt.charges());
            assertThat(ledger.refund(receipt)).isTrue();
          }
        });
    assertThat(kernel.peakPages.get())
        .as("limit kept")
        .isPositive()
        .isLessThanOrEqualTo(LIMIT_PAGES);
    assertThat(admissions.get()).as("something was admitted").isPositive();
    assertThat(refusals.get()).as("something was refused").isPositive();
    assertThat(ledger.liveReceipts()).isEmpty();
    assertThat(heir.liveReceipts()).isEmpty();
    assertThat(new LedgerInvariantsTest.Replay(ledger.journal()).charged.values()).containsOnly(0L);
    kernel.counters.forEach(
        (account, counter) -> {
          assertThat(counter.get()).isZero();
          assertThat(ledger.chargedPages(account)).isZero();
          assertThat(ledger.reservedPages(account)).isZero();
        });
  }

  @Test
  void ofManyWhoRefundAReceiptOneSucceeds() {
    JournaledLedger ledger = new JournaledLedger();
    AtomicKernel kernel = new AtomicKernel();
    for (int round = 0; round < 100; round++) {
      Receipt receipt =
          ledger.commit(ledger.reserve(new TracerPays(), request(2), kernel, "b" + round));
      AtomicInteger refunds = new AtomicInteger();
      inAllThreads(
          thread -> {
            if (ledger.refund(receipt)) {
              refunds.incrementAndGet();
            }
          });
      assertThat(refunds.get()).isEqualTo(1);
      assertThat(ledger.liveReceipts()).isEmpty();
    }
  }

  @Test
  void ofManyWhoResolveAReservationOneSucceeds() {
    JournaledLedger ledger = new JournaledLedger();
    AtomicKernel kernel = new AtomicKernel();
    for (int round = 0; round < 100; round++) {
      Reservation held = ledger.reserve(new TracerPays(), request(2), kernel, "b" + round);
      AtomicInteger resolved = new AtomicInteger();
      AtomicInteger rejected = new AtomicInteger();
      inAllThreads(
          thread -> {
            try {
              if (thread % 2 == 0) {
                ledger.refund(ledger.commit(held));
              } else {
                ledger.cancel(held);
              }
              resolved.incrementAndGet();
            } catch (IllegalStateException alreadyResolved) {
              rejected.incrementAndGet();
            }
          });
      assertThat(resolved.get()).isEqualTo(1);
      assertThat(rejected.get()).isEqualTo(THREADS - 1);
    }
  }

  @Test
  void ofManyWhoWantTheLastPagesOnlyAsManyGetThemAsFit() {
    JournaledLedger ledger = new JournaledLedger();
    AtomicKernel kernel = new AtomicKernel();
    AtomicInteger admitted = new AtomicInteger();
    inAllThreads(
        thread -> {
          try {
            ledger.reserve(new TracerPays(), request(5), kernel, "b");
            admitted.incrementAndGet();
          } catch (ChargeRefusedException refused) {
            assertThat(refused.refusal().usedPages()).isEqualTo(10);
          }
        });
    assertThat(admitted.get()).isEqualTo(2);
  }
}
