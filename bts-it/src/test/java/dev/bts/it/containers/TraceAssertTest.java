package dev.bts.it.containers;

import static dev.bts.it.containers.Payer.group;
import static dev.bts.it.containers.Payer.tracee;
import static dev.bts.it.containers.Payer.tracer;
import static dev.bts.it.containers.Payer.user;
import static dev.bts.it.containers.TraceAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.Fidelity;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Principal;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.report.Payment;
import dev.bts.cli.trace.Damage;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every assertion fails where it should, with what is the case instead. */
class TraceAssertTest {
  private static final int PROGRAM = 10;
  private static final int TRACER = 11;
  private static final Account USER = Account.userMemlock(new Principal(1, 1000));
  private static final Account OF_PROGRAM =
      Account.lockedVm(new AccountOwner.AddressSpace(PROGRAM, 0));
  private static final Account OF_TRACER =
      Account.lockedVm(new AccountOwner.AddressSpace(TRACER, 0));
  private static final Account GROUP = Account.groupMemory(new AccountOwner.Group("/."));

  @Test
  void aCompleteTraceIsSaidToBe() {
    assertThat(trace(Fidelity.COMPLETE, 0)).complete();
  }

  @Test
  void whatIsMissingIsNamed() {
    assertFails(() -> assertThat(trace(Fidelity.WINDOWED, 0)).complete(), "fidelity is windowed");
    assertFails(() -> assertThat(trace(null, 0)).complete(), "cut short");
    assertFails(() -> assertThat(trace(Fidelity.COMPLETE, 7)).complete(), "7 records are lost");
    Trace damaged =
        new Trace(
            Optional.empty(),
            Optional.of(Fidelity.COMPLETE),
            0,
            0,
            List.of(new Damage(0, 1, 2, 3, "rot")),
            List.of(),
            List.of(),
            Set.of(),
            List.of());
    assertFails(() -> assertThat(damaged).complete(), "rot");
  }

  @Test
  void everyPayerIsToldFromTheOthers() {
    assertThat(paid(USER, 4, true)).chargedTo(user(1000)).pages(4).refunded();
    assertThat(paid(OF_PROGRAM, 4, true)).chargedTo(tracee());
    assertThat(paid(OF_TRACER, 4, true)).chargedTo(tracer());
    assertThat(paid(GROUP, 4, true)).chargedTo(group("/."));
    assertFails(() -> assertThat(paid(USER, 4, true)).chargedTo(user(1)), "Expected uid 1");
    assertFails(() -> assertThat(paid(OF_TRACER, 4, true)).chargedTo(tracee()), "pid 11");
    assertFails(() -> assertThat(paid(OF_PROGRAM, 4, true)).chargedTo(tracer()), "pid 10");
    assertFails(() -> assertThat(paid(GROUP, 4, true)).chargedTo(group("/a")), "cgroup /.");
  }

  @Test
  void nothingChargedIsChargedToNobody() {
    assertFails(
        () -> assertThat(trace(Fidelity.COMPLETE, 0)).chargedTo(tracer()), "receipts are none");
  }

  @Test
  void otherAmountsAndWhatWasKeptAreNamed() {
    assertFails(() -> assertThat(paid(USER, 4, true)).pages(5), "4 were");
    assertFails(() -> assertThat(paid(USER, 4, false)).refunded(), "not refunded");
  }

  @Test
  void aDriftIsNoRefund() {
    Trace drifted =
        new Trace(
            Optional.empty(),
            Optional.of(Fidelity.COMPLETE),
            0,
            0,
            List.of(),
            List.of(),
            List.of(new SideEvent.AccountingDrift(0, 0, "locked_vm of pid 10", 4, 3)),
            Set.of(),
            List.of());
    assertFails(() -> assertThat(drifted).refunded(), "locked_vm of pid 10");
  }

  private static void assertFails(Runnable assertion, String because) {
    assertThatThrownBy(assertion::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(because);
  }

  private static Trace trace(@Nullable Fidelity fidelity, long lost) {
    return new Trace(
        Optional.empty(),
        Optional.ofNullable(fidelity),
        0,
        lost,
        List.of(),
        List.of(),
        List.of(),
        Set.of(),
        List.of());
  }

  private static Trace paid(Account account, long pages, boolean refunded) {
    Receipt receipt =
        new Receipt(1, "some", "a buffer", pages, List.of(new Charge(account, pages)), "");
    return new Trace(
        Optional.empty(),
        Optional.of(Fidelity.COMPLETE),
        0,
        0,
        List.of(),
        List.of(new Payment(receipt, refunded)),
        List.of(),
        Set.of(PROGRAM),
        List.of());
  }
}
