package dev.bts.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.buffers.Payer;
import dev.bts.accounting.plan.AccountUse;
import dev.bts.accounting.plan.Planner;
import dev.bts.accounting.plan.PolicyPlan;
import dev.bts.accounting.plan.Verdict;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Receipt;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.plan.Subject;
import dev.bts.api.testing.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans on made-up accounts, compared with what a ledger then does, charge after charge. */
class PlannerTest {
  private static final long MAX_PAGES = BufferSpec.MAX_BYTES / BufferSpec.PAGE_BYTES;
  private static final Explanation HIDDEN = new Explanation("read it", "nobody shows it", "");

  private final FakeAccounts accounts = new FakeAccounts();

  private static PlanRequest request(Mechanism mechanism, long pages, int processes, int threads) {
    return new PlanRequest(
        new Subject.Command(),
        mechanism,
        pages == BufferSpec.AUTO ? pages : pages * BufferSpec.PAGE_BYTES,
        processes,
        threads,
        false,
        false);
  }

  private static List<TaskIdentity> tracees(int processes) {
    List<TaskIdentity> tracees = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      tracees.add(FakeAccounts.task(200 + i, 1000));
    }
    return tracees;
  }

  private static Prospect prospect(
      Mechanism mechanism, AccountView view, List<TaskIdentity> tracees) {
    return prospect(mechanism, view, tracees, 0);
  }

  private static Prospect prospect(
      Mechanism mechanism, AccountView view, List<TaskIdentity> tracees, long translationPages) {
    return new Prospect(
        mechanism,
        null,
        FakeAccounts.TRACER,
        tracees,
        view,
        (p, r, plan) -> null,
        List.of(),
        translationPages);
  }

  private PolicyPlan plan(String policy, Mechanism mechanism, long pages, int processes) {
    return plan(policy, mechanism, pages, processes, processes, accounts);
  }

  private static PolicyPlan plan(
      String policy,
      Mechanism mechanism,
      long pages,
      int processes,
      int threads,
      AccountView view) {
    return Planner.plan(
            request(mechanism, pages, processes, threads),
            prospect(mechanism, view, tracees(processes)),
            List.of(Policies.named(policy)))
        .get(0);
  }

  @Test
  void thePlanIsWhatTheLedgerThenDoes() {
    Seeds.forEach(
        getClass(),
        "bts-accounting",
        300,
        seed -> {
          Random random = Seeds.random(seed);
          List<ChargingPolicy> policies = Policies.builtIn();
          ChargingPolicy policy = policies.get(random.nextInt(policies.size()));
          boolean ring = policy.name().equals("perf") && random.nextBoolean();
          Mechanism mechanism = ring ? Mechanism.INTEL_BTS : Mechanism.SIMULATED;
          int processes = 1 + random.nextInt(6);
          int threads = processes + random.nextInt(6);
          FakeAccounts fake = randomAccounts(random, processes);
          long pages = 1L + random.nextInt(400);
          PolicyPlan plan = plan(policy.name(), mechanism, pages, processes, threads, fake);

          int tasks = ring ? threads : processes;
          List<TaskIdentity> tracees = tracees(processes);
          assertThat(charge(policy, fake, tracees, tasks, ring, pages))
              .as("buffers of %d pages: %s", pages, plan)
              .isEqualTo(plan.granted());
          assertThat(plan.verdict() == Verdict.FITS).isEqualTo(plan.granted() == plan.buffers());
          assertThat(plan.verdict() == Verdict.FITS).isEqualTo(pages <= plan.largestPages());
          if (plan.largestPages() > 0) {
            assertThat(charge(policy, fake, tracees, tasks, ring, plan.largestPages()))
                .as("the largest: %s", plan)
                .isEqualTo(plan.buffers());
          }
          if (plan.largestPages() < MAX_PAGES) {
            assertThat(charge(policy, fake, tracees, tasks, ring, plan.largestPages() + 1))
                .as("a page more than the largest: %s", plan)
                .isLessThan(plan.buffers());
          }
        });
  }

  private static FakeAccounts randomAccounts(Random random, int processes) {
    FakeAccounts fake = new FakeAccounts();
    List<TaskIdentity> tasks = new ArrayList<>(tracees(processes));
    tasks.add(FakeAccounts.TRACER);
    for (TaskIdentity task : tasks) {
      for (Account account :
          List.of(
              Account.totalVm(task.mm()),
              Account.lockedVm(task.mm()),
              Account.pinnedVm(task.mm()),
              Account.userMemlock(task.principal()),
              Account.userPerf(task.principal()),
              Account.groupMemory(task.group()))) {
        fake.use(account, random.nextInt(500));
        if (random.nextInt(4) > 0) {
          fake.limit(account, random.nextInt(1500));
        }
      }
      if (random.nextInt(8) == 0) {
        fake.capable(task);
      }
    }
    return fake;
  }

  /**
   * Charges buffers as a session does, with counters that move as the kernel's do, until one is
   * refused; gives everything back.
   *
   * @return how many were granted
   */
  private static int charge(
      ChargingPolicy policy,
      FakeAccounts fake,
      List<TaskIdentity> tracees,
      int tasks,
      boolean ring,
      long pages) {
    JournaledLedger ledger = new JournaledLedger();
    Set<Payer> paid = new HashSet<>();
    List<Receipt> receipts = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      TaskIdentity tracee = tracees.get(i % tracees.size());
      Payer payer = Payer.of(policy, FakeAccounts.TRACER, tracee, false).orElseThrow();
      if (!ring && paid.contains(payer)) {
        continue;
      }
      try {
        Receipt receipt =
            ledger.commit(
                ledger.reserve(
                    policy,
                    new ChargeRequest(FakeAccounts.TRACER, tracee, pages, false),
                    fake,
                    "buffer " + i));
        receipt.charges().forEach(charge -> fake.move(charge.account(), charge.pages()));
        receipts.add(receipt);
        paid.add(payer);
      } catch (ChargeRefusedException refused) {
        break;
      }
    }
    for (Receipt receipt : receipts) {
      assertThat(ledger.refund(receipt)).isTrue();
      receipt.charges().forEach(charge -> fake.move(charge.account(), -charge.pages()));
    }
    for (Receipt receipt : receipts) {
      for (Charge charge : receipt.charges()) {
        assertThat(ledger.chargedPages(charge.account())).isZero();
      }
    }
    return receipts.size();
  }

  @Test
  void processesShareTheBufferOfOnePayerAndThreadsAlways() {
    assertThat(plan("tracer", Mechanism.SINGLE_STEP, 10, 8, 64, accounts).buffers()).isEqualTo(1);
    assertThat(plan("user", Mechanism.SINGLE_STEP, 10, 8, 64, accounts).buffers()).isEqualTo(1);
    PolicyPlan tracee = plan("tracee", Mechanism.SINGLE_STEP, 10, 8, 64, accounts);
    assertThat(tracee.buffers()).isEqualTo(8);
    assertThat(tracee.accounts()).hasSize(16);
  }

  @Test
  void accountsOfProcessesThatAreYetToBeStartedAreCounted() {
    List<TaskIdentity> later = new ArrayList<>();
    for (TaskIdentity tracee : tracees(8)) {
      later.add(
          new TaskIdentity(
              new AccountOwner.AddressSpace(0, tracee.mm().pid()),
              tracee.principal(),
              tracee.group()));
    }
    PolicyPlan plan =
        Planner.plan(
                request(Mechanism.SINGLE_STEP, 10, 8, 8),
                prospect(Mechanism.SINGLE_STEP, accounts, later),
                List.of(new TraceePays()))
            .get(0);
    assertThat(plan.accounts()).extracting(AccountUse::accounts).containsExactly(8, 8);
    assertThat(plan.accounts().get(1).payer()).isEqualTo("a process to be started");
    assertThat(plan.buffers()).isEqualTo(8);
  }

  @Test
  void processesThatShareMemoryShareItsBuffer() {
    List<TaskIdentity> vforked = List.of(FakeAccounts.TRACEE, FakeAccounts.TRACEE);
    PolicyPlan plan =
        Planner.plan(
                request(Mechanism.SINGLE_STEP, 10, 2, 2),
                prospect(Mechanism.SINGLE_STEP, accounts, vforked),
                List.of(new TraceePays()))
            .get(0);
    assertThat(plan.buffers()).isEqualTo(1);
  }

  @Test
  void ringsOfThreadsAddUpOnTheGiftAndThenOnPinnedMemory() {
    Account gift = Account.userPerf(FakeAccounts.TRACER.principal());
    Account pinned = Account.pinnedVm(FakeAccounts.TRACER.mm());
    accounts.limit(gift, 258).use(gift, 58).limit(pinned, 100).use(pinned, 20);
    PolicyPlan plan = plan("perf", Mechanism.LBR, 64, 1, 4, accounts);
    assertThat(plan.verdict()).isEqualTo(Verdict.FITS);
    assertThat(plan.accounts()).extracting(AccountUse::chargedPages).containsExactly(200L, 56L);
    assertThat(plan.largestPages()).isEqualTo(70);
    PolicyPlan tooLarge = plan("perf", Mechanism.LBR, 71, 1, 4, accounts);
    assertThat(tooLarge.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(tooLarge.granted()).isEqualTo(3);
    assertThat(tooLarge.buffers()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user", "cgroup"})
  void theKernelsRingsAreChargedByPerfOnly(String policy) {
    PolicyPlan plan = plan(policy, Mechanism.INTEL_BTS, 10, 1);
    assertThat(plan.verdict()).isEqualTo(Verdict.IMPOSSIBLE);
    assertThat(plan.reasons().toString()).contains("the kernel owns the ring", "--charge perf");
  }

  @ParameterizedTest
  @CsvSource({
    // limit, buffer, processes; translated, largest
    "1000, 256, 2, 2, 400",
    "1000, 256, 3, 2, 100",
    "1000, 400, 2, 2, 400",
    "1000, 401, 2, 1, 400",
    "1000, 900, 1, 0, 700",
    // No buffer leaves room for it.
    "299, 299, 1, 0, 299"
  })
  void translatedCodeIsPaidForLikeBuffersAndWithoutItProcessesAreStepped(
      long limit, long pages, int processes, int translated, long largest) {
    accounts.limit(Account.lockedVm(FakeAccounts.TRACER.mm()), limit);
    Prospect prospect = prospect(Mechanism.SOFTWARE_BTS, accounts, tracees(processes), 300);
    PlanRequest request = request(Mechanism.SOFTWARE_BTS, pages, processes, processes);
    PolicyPlan plan = Planner.plan(request, prospect, List.of(new TracerPays())).get(0);
    assertThat(plan.verdict()).isEqualTo(Verdict.FITS);
    assertThat(plan.translation().processes()).isEqualTo(processes);
    assertThat(plan.translation().granted()).isEqualTo(translated);
    assertThat(plan.translation().refusal() == null).isEqualTo(translated == processes);
    assertThat(plan.accounts().get(0).chargedPages()).isEqualTo(pages + 300L * translated);
    assertThat(plan.largestPages()).isEqualTo(largest);
  }

  @Test
  void aBackendWithoutSuchMemorySaysSo() {
    Prospect prospect =
        new Prospect(
            Mechanism.SINGLE_STEP,
            null,
            FakeAccounts.TRACER,
            tracees(1),
            accounts,
            (policy, asked, plan) -> HIDDEN,
            List.of(),
            0);
    PolicyPlan plan =
        Planner.plan(request(Mechanism.SINGLE_STEP, 1, 1, 1), prospect, List.of(new TracerPays()))
            .get(0);
    assertThat(plan.verdict()).isEqualTo(Verdict.IMPOSSIBLE);
    assertThat(plan.reasons()).containsExactly(HIDDEN);
  }

  @Test
  void autoTakesWhatFitsUpToAMebibyte() {
    Account locked = Account.lockedVm(FakeAccounts.TRACER.mm());
    assertThat(plan("tracer", Mechanism.SINGLE_STEP, BufferSpec.AUTO, 1).bufferPages())
        .isEqualTo(256);
    accounts.limit(locked, 16);
    PolicyPlan plan = plan("tracer", Mechanism.SINGLE_STEP, BufferSpec.AUTO, 1);
    assertThat(plan.bufferPages()).isEqualTo(16);
    assertThat(plan.verdict()).isEqualTo(Verdict.FITS);
    accounts.use(locked, 16);
    PolicyPlan full = plan("tracer", Mechanism.SINGLE_STEP, BufferSpec.AUTO, 1);
    assertThat(full.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(full.largestPages()).isZero();
  }

  @Test
  void aCapabilityThatLiftsALimitIsNamed() {
    accounts.limit(Account.lockedVm(FakeAccounts.TRACER.mm()), 16).capable(FakeAccounts.TRACER);
    PolicyPlan beyond = plan("tracer", Mechanism.SINGLE_STEP, 17, 1);
    assertThat(beyond.verdict()).isEqualTo(Verdict.FITS);
    assertThat(beyond.liftedBy()).containsExactly(Account.CAP_IPC_LOCK);
    PolicyPlan within = plan("tracer", Mechanism.SINGLE_STEP, 16, 1);
    assertThat(within.liftedBy()).isEmpty();
    assertThat(within.largestPages()).isEqualTo(MAX_PAGES);
    assertThat(within.largestLiftedBy()).containsExactly(Account.CAP_IPC_LOCK);
  }

  @Test
  void nobodyElsesLimitIsPlannedForUnasked() {
    Prospect prospect = prospect(Mechanism.SINGLE_STEP, accounts, List.of(FakeAccounts.STRANGER));
    PolicyPlan plan =
        Planner.plan(request(Mechanism.SINGLE_STEP, 1, 1, 1), prospect, List.of(new TraceePays()))
            .get(0);
    assertThat(plan.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(plan.reasons().toString()).contains("--charge-other");
    assertThat(plan.accounts()).isEmpty();
  }

  @Test
  void whatIsHiddenIsUnknownUnlessItIsRefusedAnyway() {
    FakeAccounts fake = new FakeAccounts();
    Account total = Account.totalVm(FakeAccounts.TRACER.mm());
    fake.limit(total, 1000).limit(Account.lockedVm(FakeAccounts.TRACER.mm()), 16);
    AccountView hiding = hiding(fake, total);
    PolicyPlan maybe = plan("tracer", Mechanism.SINGLE_STEP, 16, 1, 1, hiding);
    assertThat(maybe.verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(maybe.reasons()).containsExactly(HIDDEN);
    assertThat(maybe.largestPages()).isEqualTo(16);
    assertThat(plan("tracer", Mechanism.SINGLE_STEP, 17, 1, 1, hiding).verdict())
        .isEqualTo(Verdict.REFUSED);

    fake.limit(total, AccountView.UNLIMITED);
    PolicyPlan certain = plan("tracer", Mechanism.SINGLE_STEP, 16, 1, 1, hiding);
    assertThat(certain.verdict()).isEqualTo(Verdict.FITS);
    assertThat(certain.accounts().get(0).usedUnknown()).isEqualTo(HIDDEN);
  }

  private static AccountView hiding(FakeAccounts fake, Account hidden) {
    return new AccountView() {
      @Override
      public long usedPages(Account account) {
        if (account.equals(hidden)) {
          throw new InvalidRequestException(HIDDEN);
        }
        return fake.usedPages(account);
      }

      @Override
      public long limitPages(Account account, TaskIdentity charger) {
        return fake.limitPages(account, charger);
      }

      @Override
      public java.util.Optional<String> liftedBy(Account account, TaskIdentity charger) {
        return fake.liftedBy(account, charger);
      }
    };
  }
}
