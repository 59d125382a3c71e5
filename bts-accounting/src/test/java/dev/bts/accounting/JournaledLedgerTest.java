package dev.bts.accounting;

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
import dev.bts.api.charging.Ledger.Movement;
import dev.bts.api.charging.Ledger.Reservation;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JournaledLedgerTest {
  private static final Account TOTAL = Account.totalVm(TRACER.mm());
  private static final Account LOCKED = Account.lockedVm(TRACER.mm());
  private static final ChargingPolicy POLICY = new TracerPays();

  private final FakeAccounts kernel = new FakeAccounts().limit(LOCKED, 10);
  private final JournaledLedger ledger = new JournaledLedger();

  private Reservation reserve(long pages) {
    return ledger.reserve(POLICY, request(pages), kernel, "buffer of " + pages);
  }

  /** What the kernel does between reserve and commit. */
  private void charge(List<Charge> charges) {
    charges.forEach(charge -> kernel.move(charge.account(), charge.pages()));
  }

  private Receipt buy(long pages) {
    Reservation reservation = reserve(pages);
    charge(reservation.plan().charges());
    return ledger.commit(reservation);
  }

  @Test
  void aReservationHoldsItsPagesUntilItIsCommitted() {
    Reservation reservation = reserve(4);
    assertThat(ledger.reservedPages(LOCKED)).isEqualTo(4);
    assertThat(ledger.chargedPages(LOCKED)).isZero();
    charge(reservation.plan().charges());
    Receipt receipt = ledger.commit(reservation);
    assertThat(ledger.reservedPages(LOCKED)).isZero();
    assertThat(ledger.chargedPages(LOCKED)).isEqualTo(4);
    assertThat(ledger.chargedPages(TOTAL)).isEqualTo(4);
    assertThat(ledger.liveReceipts()).containsExactly(receipt);
    assertThat(receipt)
        .isEqualTo(
            new Receipt(
                reservation.receipt().id(),
                "tracer",
                "buffer of 4",
                4,
                List.of(new Charge(TOTAL, 4), new Charge(LOCKED, 4)),
                ""));
  }

  @Test
  void aReservationCountsAgainstTheLimitAlthoughTheKernelHasNotChargedIt() {
    reserve(6);
    assertThatThrownBy(() -> reserve(5))
        .isInstanceOfSatisfying(
            ChargeRefusedException.class,
            refused -> {
              assertThat(refused.refusal().usedPages()).isEqualTo(6);
              assertThat(refused.refusal().fittingPages()).isEqualTo(4);
            });
    assertThat(reserve(4).receipt().id()).isPositive();
  }

  @Test
  void aCommittedChargeIsCountedOnceBecauseTheKernelsCounterHasIt() {
    buy(6);
    assertThat(buy(4).pages()).isEqualTo(4);
    assertThatThrownBy(() -> reserve(1)).isInstanceOf(ChargeRefusedException.class);
  }

  @Test
  void aRefusalHoldsNothingAndIsJournaled() {
    assertThatThrownBy(() -> reserve(11))
        .isInstanceOf(ChargeRefusedException.class)
        .hasMessageContaining("RLIMIT_MEMLOCK of pid 100 is 40 KiB, 0 in use, 44 asked");
    assertThat(ledger.reservedPages(LOCKED)).isZero();
    assertThat(ledger.reservedPages(TOTAL)).isZero();
    assertThat(ledger.journal())
        .containsExactly(
            new Ledger.JournalEntry(1, Movement.REFUSED, 0, "buffer of 11", List.of()));
  }

  @Test
  void cancellingMakesRoomAgain() {
    Reservation reservation = reserve(10);
    ledger.cancel(reservation);
    assertThat(ledger.reservedPages(LOCKED)).isZero();
    assertThat(ledger.liveReceipts()).isEmpty();
    assertThat(reserve(10).receipt().id()).isNotEqualTo(reservation.receipt().id());
  }

  @Test
  void aReservationIsResolvedOnce() {
    Reservation committed = reserve(1);
    ledger.commit(committed);
    assertThatThrownBy(() -> ledger.commit(committed))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("buffer of 1");
    assertThatThrownBy(() -> ledger.cancel(committed)).isInstanceOf(IllegalStateException.class);
    Reservation cancelled = reserve(1);
    ledger.cancel(cancelled);
    assertThatThrownBy(() -> ledger.cancel(cancelled)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger.commit(cancelled)).isInstanceOf(IllegalStateException.class);
    assertThat(ledger.chargedPages(LOCKED)).isEqualTo(1);
  }

  @Test
  void aRefundIsGivenOnce() {
    Receipt receipt = buy(3);
    Receipt other = buy(2);
    assertThat(ledger.refund(receipt)).isTrue();
    assertThat(ledger.refund(receipt)).isFalse();
    assertThat(ledger.chargedPages(LOCKED)).isEqualTo(2);
    assertThat(ledger.liveReceipts()).containsExactly(other);
  }

  @Test
  void aReceiptThatIsNotThisLedgersIsNotRefunded() {
    Receipt receipt = buy(3);
    Receipt forged =
        new Receipt(receipt.id(), "tracer", "mine", 9, List.of(new Charge(LOCKED, 9)), "");
    assertThatThrownBy(() -> ledger.refund(forged)).isInstanceOf(IllegalArgumentException.class);
    Receipt unheardOf = new Receipt(99, "tracer", "b", 0, List.of(), "");
    assertThatThrownBy(() -> ledger.refund(unheardOf)).isInstanceOf(IllegalArgumentException.class);
    Reservation open = reserve(1);
    assertThatThrownBy(() -> ledger.refund(open.receipt()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ledger.chargedPages(LOCKED)).isEqualTo(3);
  }

  @Test
  void whatWasChargedBeforeIsAdoptedWithoutAPolicyOrALimitAndRefundedLikeAnyOther() {
    kernel.use(LOCKED, 11);
    List<Charge> charges = List.of(new Charge(LOCKED, 11));
    Receipt receipt = ledger.adopt("tracee", "orphan", 11, charges, "CAP_IPC_LOCK");
    assertThat(receipt)
        .isEqualTo(new Receipt(receipt.id(), "tracee", "orphan", 11, charges, "CAP_IPC_LOCK"));
    assertThat(ledger.liveReceipts()).containsExactly(receipt);
    assertThat(ledger.chargedPages(LOCKED)).isEqualTo(11);
    assertThat(ledger.refund(receipt)).isTrue();
    assertThat(ledger.refund(receipt)).isFalse();
    assertThat(ledger.chargedPages(LOCKED)).isZero();
    assertThat(ledger.journal())
        .extracting(Ledger.JournalEntry::movement)
        .containsExactly(Movement.ADOPTED, Movement.REFUNDED);
    List<Charge> twice = List.of(new Charge(LOCKED, 1), new Charge(LOCKED, 2));
    assertThatThrownBy(() -> ledger.adopt("tracee", "orphan", 2, twice, ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aReceiptIsHandedOverOrRefundedOnce() {
    Receipt handed = buy(3);
    assertThat(ledger.handOver(handed)).isTrue();
    assertThat(ledger.handOver(handed)).isFalse();
    assertThat(ledger.refund(handed)).isFalse();
    assertThat(ledger.chargedPages(LOCKED)).isZero();
    Receipt refunded = buy(3);
    assertThat(ledger.refund(refunded)).isTrue();
    assertThat(ledger.handOver(refunded)).isFalse();
    assertThat(ledger.liveReceipts()).isEmpty();
    JournaledLedger heir = new JournaledLedger();
    Receipt adopted =
        heir.adopt(
            handed.policy(), handed.buffer(), handed.pages(), handed.charges(), handed.liftedBy());
    assertThat(heir.refund(adopted)).isTrue();
    Receipt unheardOf = new Receipt(99, "tracer", "b", 0, List.of(), "");
    assertThatThrownBy(() -> ledger.handOver(unheardOf))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void zeroPagesMakeAReceiptThatIsRefundedLikeAnyOther() {
    Receipt receipt = buy(0);
    assertThat(receipt.pages()).isZero();
    assertThat(ledger.liveReceipts()).containsExactly(receipt);
    assertThat(ledger.refund(receipt)).isTrue();
    assertThat(ledger.refund(receipt)).isFalse();
  }

  @Test
  void theReceiptNamesTheCapabilityThatLiftedTheLimit() {
    kernel.capable(TRACER);
    assertThat(buy(11).liftedBy()).isEqualTo("CAP_IPC_LOCK");
  }

  @Test
  void theJournalTellsTheStoryOfABufferUnderOneId() {
    Receipt receipt = buy(2);
    ledger.refund(receipt);
    ledger.cancel(reserve(1));
    assertThat(ledger.journal())
        .extracting(Ledger.JournalEntry::movement)
        .containsExactly(
            Movement.RESERVED,
            Movement.COMMITTED,
            Movement.REFUNDED,
            Movement.RESERVED,
            Movement.CANCELLED);
    assertThat(ledger.journal().subList(0, 3))
        .allSatisfy(entry -> assertThat(entry.id()).isEqualTo(receipt.id()))
        .allSatisfy(entry -> assertThat(entry.charges()).isEqualTo(receipt.charges()));
    assertThat(ledger.journal())
        .extracting(Ledger.JournalEntry::sequence)
        .containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void theJournalForgetsTheOldestEntriesFirst() {
    JournaledLedger small = new JournaledLedger(3);
    for (int i = 0; i < 5; i++) {
      small.cancel(small.reserve(POLICY, request(1), kernel, "b" + i));
    }
    assertThat(small.journal())
        .extracting(Ledger.JournalEntry::sequence)
        .containsExactly(8L, 9L, 10L);
    assertThatThrownBy(() -> new JournaledLedger(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPolicyThatThrowsLeavesNothingBehind() {
    ChargingPolicy broken =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "broken";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            throw new UnsupportedOperationException("broken");
          }
        };
    assertThatThrownBy(() -> ledger.reserve(broken, request(1), kernel, "b"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(ledger.journal()).isEmpty();
    assertThat(ledger.reservedPages(LOCKED)).isZero();
  }

  @Test
  void aPolicyThatChecksNothingCannotOverflowTheBookAndIsHeldAllOrNone() {
    ChargingPolicy generous =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "generous";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            return new ChargePlan.Admitted(
                List.of(new Charge(TOTAL, 1), new Charge(LOCKED, request.pages())), "");
          }
        };
    ledger.reserve(generous, request(Long.MAX_VALUE), kernel, "b");
    assertThatThrownBy(() -> ledger.reserve(generous, request(1), kernel, "b"))
        .isInstanceOf(ArithmeticException.class);
    assertThat(ledger.reservedPages(TOTAL)).isEqualTo(1);
    assertThat(ledger.reservedPages(LOCKED)).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> reserve(1))
        .isInstanceOfSatisfying(
            ChargeRefusedException.class,
            e -> assertThat(e.refusal().usedPages()).isEqualTo(Long.MAX_VALUE));
  }

  @Test
  void aPolicySeesOneConsistentMoment() {
    AccountView moving =
        new AccountView() {
          private long reads;

          @Override
          public long usedPages(Account account) {
            return reads++;
          }

          @Override
          public long limitPages(Account account, TaskIdentity charger) {
            return UNLIMITED;
          }

          @Override
          public Optional<String> liftedBy(Account account, TaskIdentity charger) {
            return Optional.empty();
          }
        };
    ChargingPolicy curious =
        new ChargingPolicy() {
          @Override
          public String name() {
            return "curious";
          }

          @Override
          public ChargePlan plan(ChargeRequest request, AccountView view) {
            assertThat(view.usedPages(LOCKED)).isEqualTo(view.usedPages(LOCKED));
            return new ChargePlan.Admitted(List.of(), "");
          }
        };
    assertThat(ledger.reserve(curious, request(1), moving, "b").plan().charges()).isEmpty();
  }
}
