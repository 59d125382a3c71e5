package dev.bts.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Overflow;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** Receipts, and the counters that they are about. */
interface ChargingContract extends ContractTest {
  @TestFactory
  default Stream<DynamicTest> theRealCounterMovesByThePagesOfTheReceiptAndComesBack() {
    return forEachPolicy(
        policy -> {
          TraceSession session =
              open(fixture().endlessProgram().buffer(3 * PAGE, Overflow.WRAP).policy(policy));
          Receipt receipt = newest(session);
          assertThat(receipt.policy()).isEqualTo(policy.name());
          assertThat(receipt.pages()).isEqualTo(3);
          Map<Account, Long> with = counters(receipt);
          assumeTrue(
              !with.isEmpty(), "no account of policy '" + policy.name() + "' can be read exactly");
          session.resize(0);
          assertThat(bufferPages(session)).isZero();
          Map<Account, Long> without = counters(receipt);
          for (Charge charge : receipt.charges()) {
            Long before = without.get(charge.account());
            if (before != null) {
              assertThat(with.get(charge.account()))
                  .as(charge.account().toString())
                  .isEqualTo(before + charge.pages());
            }
          }
          session.resize(5 * PAGE);
          Receipt grown = newest(session);
          assertThat(grown.pages()).isEqualTo(5);
          for (Charge charge : grown.charges()) {
            Long before = without.get(charge.account());
            if (before != null) {
              assertThat(counters(grown).get(charge.account())).isEqualTo(before + charge.pages());
            }
          }
          session.resize(0);
          assertThat(counters(receipt)).isEqualTo(without);
        });
  }

  @TestFactory
  default Stream<DynamicTest> detachGivesBackWhatIsCharged() {
    return forEachPolicy(
        policy -> {
          TraceSession session =
              open(fixture().endlessProgram().buffer(0, Overflow.WRAP).policy(policy));
          session.resize(2 * PAGE);
          Receipt receipt = newest(session);
          session.resize(0);
          Map<Account, Long> before = counters(receipt);
          session.resize(2 * PAGE);
          runForBranches(session, 10);
          session.detach();
          assertThat(bufferPages(session)).isZero();
          assertThat(counters(receipt)).isEqualTo(before);
        });
  }

  @TestFactory
  default Stream<DynamicTest> everyReceiptIsToldWhenChargedAndRefundedOnce() {
    return forEachPolicy(
        policy -> {
          RecordingSink sink = new RecordingSink();
          TraceSession session =
              open(
                  fixture()
                      .endlessProgram()
                      .buffer(2 * PAGE, Overflow.DRAIN)
                      .policy(policy)
                      .sink(sink));
          session.resize(3 * PAGE);
          runForBranches(session, 10);
          session.resize(PAGE);
          session.resize(0);
          session.resize(4 * PAGE);
          runForBranches(session, 10);
          session.close();
          List<Receipt> receipts = bufferReceipts(session);
          assertThat(receipts).hasSize(4).doesNotHaveDuplicates();
          assertThat(receipts.stream().map(Receipt::pages).toList())
              .containsExactly(2L, 3L, 1L, 4L);
          assertThat(sink.events(SideEvent.Charged.class))
              .extracting(SideEvent.Charged::receipt)
              .isEqualTo(session.receipts());
          assertThat(sink.events(SideEvent.Refunded.class))
              .extracting(SideEvent.Refunded::receipt)
              .containsExactlyInAnyOrderElementsOf(session.receipts());
          assertThat(bufferPages(session)).isZero();
          assertThat(session.status().peakPages()).isGreaterThanOrEqualTo(4);
        });
  }

  @Test
  default void withoutAPolicyTheTracerPays() {
    TraceSession session = open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP));
    assertThat(newest(session).policy()).isEqualTo("tracer");
  }

  @Test
  default void noBufferCostsNothing() {
    TraceSession session = open(fixture().shortProgram().buffer(0, Overflow.WRAP));
    assertThat(session.receipts()).isEmpty();
    assertThat(bufferPages(session)).isZero();
    assertThat(session.status().peakPages()).isZero();
  }

  @Test
  default void aRefusedBufferLeavesNoSession() {
    ChargingPolicy miser = new CappedPolicy(fixture().policies().get(0), 0);
    assertThatThrownBy(
            () -> open(fixture().shortProgram().buffer(PAGE, Overflow.WRAP).policy(miser)))
        .isInstanceOfSatisfying(
            ChargeRefusedException.class,
            refused -> {
              assertThat(refused.refusal().policy()).isEqualTo(miser.name());
              assertThat(refused.refusal().askedPages()).isEqualTo(1);
              assertThat(refused.explanation().remedy()).isNotBlank();
            });
  }

  @TestFactory
  default Stream<DynamicTest> whatThePayerCannotPayIsRefusedBeforeTheKernelIsAsked() {
    return forEachPolicy(
        policy -> {
          long bytes = unaffordable(policy);
          TraceSession session =
              open(
                  fixture()
                      .endlessProgram()
                      .buffer(PAGE, Overflow.WRAP)
                      .policy(policy)
                      .strict(true));
          Map<Account, Long> before = counters(newest(session));
          assertThatThrownBy(() -> session.resize(bytes))
              .isInstanceOfSatisfying(
                  ChargeRefusedException.class,
                  refused -> {
                    assertThat(refused.refusal().account()).isNotNull();
                    assertThat(refused.refusal().limitPages())
                        .isLessThan(refused.refusal().usedPages() + bytes / PAGE);
                    assertThat(refused.getMessage()).contains("KiB", "in use", "asked", "raise");
                  });
          assertThat(bufferPages(session)).isEqualTo(1);
          assertThat(counters(newest(session))).isEqualTo(before);
          RecordingSink sink = new RecordingSink();
          session.drain(sink);
          assertThat(sink.events(SideEvent.AccountingDrift.class)).isEmpty();
        });
  }

  @TestFactory
  default Stream<DynamicTest> theKernelHasTheLastWord() {
    return forEachPolicy(
        policy -> {
          long bytes = unaffordable(policy);
          TraceSession session =
              open(
                  fixture()
                      .endlessProgram()
                      .buffer(PAGE, Overflow.WRAP)
                      .policy(new TrustingPolicy(policy))
                      .strict(true));
          runForBranches(session, 10);
          long size = session.size();
          Map<Account, Long> before = counters(newest(session));
          assertThatThrownBy(() -> session.resize(bytes))
              .isInstanceOf(ChargeRefusedException.class);
          assertThat(session.size()).isEqualTo(size);
          assertThat(bufferReceipts(session)).hasSize(1);
          assertThat(counters(newest(session))).isEqualTo(before);
          RecordingSink sink = new RecordingSink();
          session.drain(sink);
          assertThat(sink.events(SideEvent.AccountingDrift.class))
              .isNotEmpty()
              .allSatisfy(
                  drift -> assertThat(drift.predictedPages()).isGreaterThan(drift.kernelPages()));
        });
  }

  private long unaffordable(ChargingPolicy policy) {
    OptionalLong bytes = fixture().unaffordableBytes(policy);
    assumeTrue(
        bytes.isPresent(), "here the kernel charges any size by policy '" + policy.name() + "'");
    return bytes.getAsLong();
  }

  private Stream<DynamicTest> forEachPolicy(ThrowingConsumer<ChargingPolicy> test) {
    List<DynamicTest> tests = new ArrayList<>();
    for (ChargingPolicy policy : fixture().policies()) {
      tests.add(DynamicTest.dynamicTest(policy.name(), () -> test.accept(policy)));
    }
    assertThat(tests).as("policies of the fixture").isNotEmpty();
    return tests.stream();
  }

  private Map<Account, Long> counters(Receipt receipt) {
    Map<Account, Long> counters = new HashMap<>();
    for (Charge charge : receipt.charges()) {
      fixture()
          .counterPages(charge.account())
          .ifPresent(pages -> counters.put(charge.account(), pages));
    }
    return counters;
  }

  private Receipt newest(TraceSession session) {
    List<Receipt> receipts = bufferReceipts(session);
    return receipts.get(receipts.size() - 1);
  }
}
