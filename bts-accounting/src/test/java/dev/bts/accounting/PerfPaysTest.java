package dev.bts.accounting;

import static dev.bts.accounting.FakeAccounts.TRACEE;
import static dev.bts.accounting.FakeAccounts.TRACER;
import static dev.bts.accounting.FakeAccounts.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.Refusal;
import dev.bts.api.charging.TaskIdentity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gift of two CPUs first, then pinned_vm under RLIMIT_MEMLOCK; the numbers of perf_mmap(). */
class PerfPaysTest {
  private static final long GIFT = 258;
  private static final long MEMLOCK = 16;
  private static final Account USER = Account.userPerf(TRACER.principal());
  private static final Account PINNED = Account.pinnedVm(TRACER.mm());

  private final FakeAccounts view = new FakeAccounts();

  @BeforeEach
  void limits() {
    view.limit(USER, GIFT).limit(PINNED, MEMLOCK);
  }

  private void assertSplit(long pages, long fromGift, long excess) {
    ChargePlan plan = new PerfPays().plan(request(pages), view);
    assertThat(plan)
        .isEqualTo(
            new ChargePlan.Admitted(
                List.of(new Charge(USER, fromGift), new Charge(PINNED, excess)), ""));
  }

  private Refusal refusal(long pages) {
    return ((ChargePlan.Refused) new PerfPays().plan(request(pages), view)).refusal();
  }

  @Test
  void theGiftIsUsedUpPageByPageAndOnlyTheExcessIsPinned() {
    assertSplit(0, 0, 0);
    assertSplit(257, 257, 0);
    assertSplit(258, 258, 0);
    assertSplit(259, 258, 1);
    assertSplit(258 + 16, 258, 16);
  }

  @Test
  void whatIsUsedOfTheGiftIsNotThereAgain() {
    view.use(USER, 250).use(PINNED, 3);
    assertSplit(8, 8, 0);
    assertSplit(9, 8, 1);
    assertSplit(8 + 13, 8, 13);
    assertThat(refusal(8 + 14).fittingPages()).isEqualTo(21);
  }

  @Test
  void moreThanTheGiftInUseIsAsMuchAsTheGift() {
    view.use(USER, 10_000);
    assertSplit(16, 0, 16);
    view.use(USER, -1);
    assertSplit(16, 0, 16);
  }

  @Test
  void onePageOverTheLimitIsRefusedWithTheNumbersOfTheExcess() {
    Refusal refusal = refusal(258 + 17);
    assertThat(refusal.account()).isEqualTo(PINNED);
    assertThat(refusal.askedPages()).isEqualTo(17);
    assertThat(refusal.limitPages()).isEqualTo(MEMLOCK);
    assertThat(refusal.fittingPages()).isEqualTo(258 + 16);
    assertThat(refusal.explain().toString())
        .contains("258 pages are left", "RLIMIT_MEMLOCK of pid 100 is 64 KiB", "68 asked", "1096K");
  }

  @Test
  void aLimitLoweredBelowUseRefusesEvenWhatTheGiftWouldHold() {
    view.use(PINNED, MEMLOCK + 1);
    assertThat(refusal(1).fittingPages()).isZero();
    view.use(PINNED, MEMLOCK);
    assertSplit(1, 1, 0);
  }

  @Test
  void capIpcLockAndAParanoidLevelBelowZeroLiftTheLimitAndAreNamed() {
    view.capable(TRACER);
    ChargePlan plan = new PerfPays().plan(request(1000), view);
    assertThat(((ChargePlan.Admitted) plan).liftedBy()).isEqualTo("CAP_IPC_LOCK");
    assertThat(((ChargePlan.Admitted) new PerfPays().plan(request(274), view)).liftedBy())
        .isEmpty();
    FakeAccounts open =
        new FakeAccounts() {
          @Override
          public Optional<String> liftedBy(Account account, TaskIdentity charger) {
            return Optional.of("perf_event_paranoid -1");
          }
        };
    open.limit(USER, GIFT).limit(PINNED, MEMLOCK);
    assertThat(((ChargePlan.Admitted) new PerfPays().plan(request(1000), open)).liftedBy())
        .isEqualTo("perf_event_paranoid -1");
  }

  @Test
  void aCapabilityOfTheTraceeLiftsNothing() {
    view.capable(TRACEE);
    assertThat(refusal(1000).account()).isEqualTo(PINNED);
  }
}
