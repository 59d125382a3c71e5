package dev.bts.accounting;

import static dev.bts.accounting.FakeAccounts.STRANGER;
import static dev.bts.accounting.FakeAccounts.TRACEE;
import static dev.bts.accounting.FakeAccounts.TRACER;
import static dev.bts.accounting.FakeAccounts.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.InvalidRequestException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What all built-in policies have in common, and what each does alone. */
class ChargingPoliciesTest {
  /**
   * A policy and what it answers for.
   *
   * @param payer the task that pays
   * @param accounts the accounts that are charged
   * @param memlock the one of them that RLIMIT_MEMLOCK limits
   */
  record Case(ChargingPolicy policy, TaskIdentity payer, List<Account> accounts, Account memlock) {
    @Override
    public String toString() {
      return policy.name();
    }
  }

  static Stream<Case> policies() {
    return Stream.of(
        addressSpaceCase(new TraceePays(), TRACEE),
        addressSpaceCase(new TracerPays(), TRACER),
        new Case(
            new UserPays(),
            TRACER,
            List.of(Account.userMemlock(TRACER.principal())),
            Account.userMemlock(TRACER.principal())));
  }

  private static Case addressSpaceCase(ChargingPolicy policy, TaskIdentity payer) {
    Account locked = Account.lockedVm(payer.mm());
    return new Case(policy, payer, List.of(Account.totalVm(payer.mm()), locked), locked);
  }

  private static ChargePlan.Admitted admitted(ChargePlan plan) {
    assertThat(plan).isInstanceOf(ChargePlan.Admitted.class);
    return (ChargePlan.Admitted) plan;
  }

  private static Refusal refused(ChargePlan plan) {
    assertThat(plan).isInstanceOf(ChargePlan.Refused.class);
    return ((ChargePlan.Refused) plan).refusal();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void chargesThePagesToEachAccountOfThePayer(Case c) {
    ChargePlan.Admitted plan = admitted(c.policy.plan(request(7), new FakeAccounts()));
    assertThat(plan.charges())
        .containsExactlyElementsOf(c.accounts.stream().map(a -> new Charge(a, 7)).toList());
    assertThat(plan.liftedBy()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void admitsUpToTheLimitAndNotOnePageMore(Case c) {
    FakeAccounts view = new FakeAccounts().use(c.memlock, 3).limit(c.memlock, 10);
    assertThat(admitted(c.policy.plan(request(7), view)).charges()).isNotEmpty();
    Refusal refusal = refused(c.policy.plan(request(8), view));
    assertThat(refusal).isEqualTo(Refusal.overLimit(c.policy.name(), c.memlock, 8, 3, 10));
    assertThat(refusal.fittingPages()).isEqualTo(7);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aCapabilityOfThePayerLiftsTheMemlockLimitAndIsNamed(Case c) {
    FakeAccounts view = new FakeAccounts().limit(c.memlock, 0).capable(c.payer);
    ChargePlan.Admitted plan = admitted(c.policy.plan(request(1), view));
    assertThat(plan.liftedBy()).isEqualTo("CAP_IPC_LOCK");
    assertThat(plan.charges()).contains(new Charge(c.memlock, 1));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aCapabilityThatWasNotNeededIsNotNamed(Case c) {
    FakeAccounts view = new FakeAccounts().limit(c.memlock, 5).capable(c.payer);
    assertThat(admitted(c.policy.plan(request(5), view)).liftedBy()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aCapabilityOfSomebodyElseLiftsNothing(Case c) {
    FakeAccounts view =
        new FakeAccounts()
            .limit(c.memlock, 0)
            .capable(STRANGER)
            .capable(c.payer.equals(TRACER) ? TRACEE : TRACER);
    assertThat(refused(c.policy.plan(request(1), view)).account()).isEqualTo(c.memlock);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void zeroPagesAreAdmittedWhateverTheLimits(Case c) {
    FakeAccounts view = new FakeAccounts();
    for (Account account : c.accounts) {
      view.use(account, 9).limit(account, 0);
    }
    ChargePlan.Admitted plan = admitted(c.policy.plan(request(0), view));
    assertThat(plan.charges()).allSatisfy(charge -> assertThat(charge.pages()).isZero());
    assertThat(plan.liftedBy()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void growsNothingWhileTheAccountIsOverALimitThatWasLowered(Case c) {
    FakeAccounts view = new FakeAccounts().use(c.memlock, 20).limit(c.memlock, 10);
    Refusal refusal = refused(c.policy.plan(request(1), view));
    assertThat(refusal.fittingPages()).isZero();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void theLargestNumbersDoNotOverflow(Case c) {
    FakeAccounts view =
        new FakeAccounts().use(c.memlock, Long.MAX_VALUE).limit(c.memlock, Long.MAX_VALUE - 1);
    assertThat(refused(c.policy.plan(request(1), view)).account()).isEqualTo(c.memlock);
    assertThat(refused(c.policy.plan(request(Long.MAX_VALUE), view)).account())
        .isEqualTo(c.memlock);
    view.use(c.memlock, 0);
    assertThat(refused(c.policy.plan(request(Long.MAX_VALUE), view)).account())
        .isEqualTo(c.memlock);
    assertThat(admitted(c.policy.plan(request(Long.MAX_VALUE - 1), view)).charges()).isNotEmpty();
    view.limit(c.memlock, Long.MAX_VALUE);
    assertThat(admitted(c.policy.plan(request(Long.MAX_VALUE), view)).charges()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aCounterThatUnderflowedReadsAsAHugeOneAsInTheKernel(Case c) {
    FakeAccounts view = new FakeAccounts().use(c.memlock, -65).limit(c.memlock, 128);
    assertThat(refused(c.policy.plan(request(17), view)).fittingPages()).isZero();
    assertThat(admitted(c.policy.plan(request(129), view)).charges()).isNotEmpty();
    assertThat(refused(c.policy.plan(request(194), view)).account()).isEqualTo(c.memlock);
  }

  @Test
  void noCapabilityLiftsTheAddressSpaceLimit() {
    Account total = Account.totalVm(TRACEE.mm());
    FakeAccounts view =
        new FakeAccounts().use(total, 90).limit(total, 100).capable(TRACEE).capable(TRACER);
    assertThat(refused(new TraceePays().plan(request(11), view)))
        .isEqualTo(Refusal.overLimit("tracee", total, 11, 90, 100));
  }

  @Test
  void theTracersLimitsDoNotMatterToTheTraceeNorTheOtherWayRound() {
    FakeAccounts poorTracer = new FakeAccounts().limit(Account.lockedVm(TRACER.mm()), 0);
    assertThat(admitted(new TraceePays().plan(request(1), poorTracer)).charges()).hasSize(2);
    FakeAccounts poorTracee = new FakeAccounts().limit(Account.lockedVm(TRACEE.mm()), 0);
    assertThat(admitted(new TracerPays().plan(request(1), poorTracee)).charges()).hasSize(2);
  }

  @Test
  void anotherPrincipalsProcessIsChargedOnlyWhenInsistedOn() {
    FakeAccounts view = new FakeAccounts();
    Refusal refusal =
        refused(new TraceePays().plan(new ChargeRequest(TRACER, STRANGER, 1, false), view));
    assertThat(refusal.account()).isNull();
    assertThat(refusal.explain().toString())
        .contains("uid 2000", "uid 1000", "--charge-other", "--charge tracer");
    assertThat(
            admitted(new TraceePays().plan(new ChargeRequest(TRACER, STRANGER, 1, true), view))
                .charges())
        .contains(new Charge(Account.lockedVm(STRANGER.mm()), 1));
  }

  @Test
  void aNameFindsItsPolicyAndAnUnknownOneTheList() {
    for (ChargingPolicy policy : Policies.builtIn()) {
      assertThat(Policies.named(policy.name())).isSameAs(policy);
    }
    assertThat(Policies.builtIn())
        .extracting(ChargingPolicy::name)
        .containsExactly("tracee", "tracer", "user", "perf", "cgroup");
    assertThatThrownBy(() -> Policies.named("mine"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("[cgroup, perf, tracee, tracer, user]");
  }
}
