package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.accounting.Policies;
import dev.bts.accounting.plan.Planner;
import dev.bts.accounting.plan.PolicyPlan;
import dev.bts.accounting.plan.Verdict;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.TargetException;
import dev.bts.api.charging.Account;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.plan.Subject;
import dev.bts.kernel.KernelTracer;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.Sys;
import dev.bts.kernel.sys.SystemV;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is planned is what the kernel then does: the largest fits, a page more is refused. */
@Timeout(60)
class PlanAgainstKernelTest {
  private static final int OTHER_UID = 1_999_999_998;

  private static PlanRequest request(Subject subject, long pages, boolean strict) {
    return request(subject, Mechanism.SINGLE_STEP, pages, strict);
  }

  private static PlanRequest request(
      Subject subject, @Nullable Mechanism mechanism, long pages, boolean strict) {
    return new PlanRequest(subject, mechanism, pages * Mapping.PAGE_BYTES, 1, 1, false, strict);
  }

  private static PolicyPlan plan(PlanRequest request, String policy) {
    Prospect prospect = new KernelTracer().prospect(request);
    return Planner.plan(request, prospect, List.of(Policies.named(policy))).get(0);
  }

  private static void assumeNobodyElse(String policy) {
    assumeTrue(
        !policy.equals("user") || KernelTasks.self().principal().uid() != 0,
        "others lock memory as root, too; runs as an ordinary user");
  }

  @ParameterizedTest
  @CsvSource({
    "tracee, 65536", "tracer, 65536", "user, 65536",
    "tracee, 8388608", "tracer, 8388608", "user, 8388608"
  })
  void theLargestIsGrantedAndAPageMoreRefusedWithTheSameNumbers(String policy, long limit) {
    assumeNobodyElse(policy);
    try (Scene scene = new Scene(limit, true)) {
      assertAgrees(scene, policy);
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void whatATraceeHasLockedItselfIsTakenIntoAccount() {
    try (Scene scene = new Scene()) {
      long address = scene.helper.map(100 * Mapping.PAGE_BYTES);
      assertThat(scene.helper.call(Sys.MLOCK, address, 37 * Mapping.PAGE_BYTES)).isZero();
      PolicyPlan plan = assertAgrees(scene, "tracee");
      assertThat(plan.accounts().get(1).usedPages()).isEqualTo(37);
      assertThat(plan.largestPages()).isEqualTo(2048 - 37);
      assertThat(scene.helper.call(Sys.MUNMAP, address, 100 * Mapping.PAGE_BYTES)).isZero();
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void whatAnotherProcessOfTheUserHasLockedIsTakenIntoAccount() {
    assumeNobodyElse("user");
    try (Scene scene = new Scene();
        HelperProcess other = HelperProcess.start()) {
      int bytes = 41 * (int) Mapping.PAGE_BYTES;
      long id = other.call(Sys.SHMGET, SystemV.IPC_PRIVATE, bytes, SystemV.OWNER_ONLY);
      assertThat(other.call(Sys.SHMAT, id)).isPositive();
      assertThat(other.call(Sys.SHMCTL, id, SystemV.IPC_RMID)).isZero();
      assertThat(other.call(Sys.SHMCTL, id, SystemV.SHM_LOCK)).isZero();
      PolicyPlan plan = assertAgrees(scene, "user");
      assertThat(plan.accounts().get(0).usedPages()).isEqualTo(41);
      assertThat(plan.largestPages()).isEqualTo(2048 - 41);
      assertThat(plan(request(new Subject.Command(), 1, true), "tracer").largestPages())
          .as("the pools are disjoint")
          .isEqualTo(2048);
      scene.assertNothingIsLeft();
    }
  }

  private static PolicyPlan assertAgrees(Scene scene, String policy) {
    Subject subject = new Subject.Running(scene.helper.pid());
    PolicyPlan plan = plan(request(subject, 1, true), policy);
    assertThat(plan.verdict()).as(plan.toString()).isEqualTo(Verdict.FITS);
    long largest = plan.largestPages();
    scene.open(policy, largest).release();
    PolicyPlan tooLarge = plan(request(subject, largest + 1, true), policy);
    assertThat(tooLarge.verdict()).isEqualTo(Verdict.REFUSED);
    ChargeRefusedException refused =
        catchThrowableOfType(ChargeRefusedException.class, () -> scene.open(policy, largest + 1));
    assertThat(refused).isNotNull();
    String payer = policy.equals("tracer") ? "the tracer" : refused.refusal().account() + "";
    assertThat(tooLarge.reasons())
        .containsExactly(refused.refusal().explain(payer.replaceFirst(".* of ", "")));
    return plan;
  }

  /** The kernel itself, asked without the policy's check, draws the line at the same page. */
  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void theKernelDrawsTheLineAtTheSamePage(String policy) {
    assumeNobodyElse(policy);
    try (Scene scene = new Scene()) {
      Subject subject = new Subject.Running(scene.helper.pid());
      long largest = plan(request(subject, 1, true), policy).largestPages();
      scene.open(Scene.unchecked(policy), largest).release();
      assertThatThrownBy(() -> scene.open(Scene.unchecked(policy), largest + 1))
          .isInstanceOf(ChargeRefusedException.class);
    }
  }

  @Test
  void theCapabilityOfRootIsNamed() {
    boolean capable = IpcLock.isEffective((int) ProcessHandle.current().pid());
    assumeTrue(capable, "this process does not have CAP_IPC_LOCK");
    try (Scene scene = new Scene(Scene.LIMIT_BYTES, false)) {
      for (Subject subject :
          List.of(new Subject.Command(), new Subject.Running(scene.helper.pid()))) {
        for (String policy : List.of("tracee", "tracer", "user")) {
          PolicyPlan plan = plan(request(subject, 2049, false), policy);
          assertThat(plan.verdict()).isEqualTo(Verdict.FITS);
          assertThat(plan.liftedBy()).containsExactly(Account.CAP_IPC_LOCK);
        }
      }
      scene.open("tracee", 2049).release();
    }
  }

  @Test
  void rootMeasuresOtherUsersAndAnOrdinaryUserSaysThatItCannot() {
    boolean root = KernelTasks.self().principal().uid() == 0;
    try (Scene scene = new Scene()) {
      PlanRequest request = request(new Subject.OfUser("" + OTHER_UID), 1, false);
      PolicyPlan plan = plan(request, "user");
      if (root) {
        assertThat(plan.verdict()).as(plan.toString()).isEqualTo(Verdict.FITS);
        assertThat(plan.largestPages()).isEqualTo(2048);
        assertThat(plan.accounts().get(0).usedPages()).isZero();
      } else {
        assertThat(plan.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(plan.reasons().toString()).contains("ask as that user");
      }
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void rootSeesWhatAnotherUserHasLocked() {
    assumeTrue(KernelTasks.self().principal().uid() == 0, "only root can become another user");
    try (Scene scene = new Scene();
        HelperProcess other = HelperProcess.start()) {
      UserHelper.become(other, OTHER_UID);
      int bytes = 5 * (int) Mapping.PAGE_BYTES;
      long id = other.call(Sys.SHMGET, SystemV.IPC_PRIVATE, bytes, SystemV.OWNER_ONLY);
      assertThat(other.call(Sys.SHMAT, id)).isPositive();
      assertThat(other.call(Sys.SHMCTL, id, SystemV.IPC_RMID)).isZero();
      assertThat(other.call(Sys.SHMCTL, id, SystemV.SHM_LOCK)).isZero();
      PlanRequest request = request(new Subject.OfUser("" + OTHER_UID), 1, false);
      PolicyPlan plan = plan(request, "user");
      assertThat(plan.accounts().get(0).usedPages()).isEqualTo(5);
      assertThat(plan.largestPages()).isEqualTo(2043);
      assertThat(plan.largestLiftedBy()).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void processesThatForkHaveTheLimitsOfTheirParentAndNothingLocked() {
    try (Scene scene = new Scene()) {
      long address = scene.helper.map(10 * Mapping.PAGE_BYTES);
      assertThat(scene.helper.call(Sys.MLOCK, address, 10 * Mapping.PAGE_BYTES)).isZero();
      PlanRequest request =
          new PlanRequest(
              new Subject.Running(scene.helper.pid()),
              Mechanism.SINGLE_STEP,
              2048 * Mapping.PAGE_BYTES,
              3,
              3,
              false,
              true);
      PolicyPlan plan = plan(request, "tracee");
      assertThat(plan.buffers()).isEqualTo(3);
      assertThat(plan.granted()).as("the first has locked ten pages").isZero();
      assertThat(plan.largestPages()).isEqualTo(2038);
    }
  }

  @Test
  void singleSteppingDoesNotRecordIntoRings() {
    PolicyPlan plan = plan(request(new Subject.Command(), 1, false), "perf");
    assertThat(plan.verdict()).isEqualTo(Verdict.IMPOSSIBLE);
    assertThat(plan.reasons().toString())
        .contains("the ring and AUX buffers of perf", "choose --charge tracer");
  }

  @Test
  void theMechanismIsTheOneThatRecordTakes() {
    PlanRequest request = request(new Subject.Command(), null, 1, false);
    Prospect prospect = new KernelTracer().prospect(request);
    assertThat(prospect.mechanism()).isEqualTo(Mechanism.SOFTWARE_BTS);
    assertThat(prospect.unavailable()).isNull();
    PlanRequest other =
        new PlanRequest(new Subject.Command(), Mechanism.LBR, BufferSpec.AUTO, 1, 1, false, false);
    assertThat(new KernelTracer().prospect(other).unavailable()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void theLargestBufferLeavesRoomForTranslatedCode(String policy) {
    assumeNobodyElse(policy);
    try (Scene scene = new Scene()) {
      Subject subject = new Subject.Running(scene.helper.pid());
      PolicyPlan buffersOnly = plan(request(subject, 1, true), policy);
      assertThat(buffersOnly.translation().processes()).isZero();
      PolicyPlan plan = plan(request(subject, Mechanism.SOFTWARE_BTS, 1, true), policy);
      long pages = plan.translation().pages();
      long largest = plan.largestPages();
      assertThat(pages).isPositive();
      assertThat(largest).isEqualTo(buffersOnly.largestPages() - pages);
      assertThat(translation(subject, policy, largest).granted()).isEqualTo(1);
      assertThat(translation(subject, policy, largest).refusal()).isNull();
      PolicyPlan.Translation refused = translation(subject, policy, largest + 1);
      assertThat(refused.granted()).isZero();
      assertThat(refused.refusal() + "").contains("RLIMIT_MEMLOCK", "8192 KiB");
    }
  }

  private static PolicyPlan.Translation translation(Subject subject, String policy, long pages) {
    PolicyPlan plan = plan(request(subject, Mechanism.SOFTWARE_BTS, pages, true), policy);
    assertThat(plan.verdict()).as("it is recorded, one way or the other").isEqualTo(Verdict.FITS);
    return plan.translation();
  }

  @Test
  void usersAndProcessesThatAreNotThereAreNamed() {
    assertThatThrownBy(() -> plan(request(new Subject.OfUser("no such user"), 1, false), "user"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("plan for user 'no such user'");
    for (String tooLarge : List.of("4294967295", "99999999999999999999")) {
      assertThatThrownBy(() -> plan(request(new Subject.OfUser(tooLarge), 1, false), "user"))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("a user id is at most 4294967294");
    }
    assertThatThrownBy(() -> plan(request(new Subject.Running(4_194_304), 1, false), "user"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no such process");
    int own = KernelTasks.self().principal().uid();
    PlanRequest byNumber = request(new Subject.OfUser(Integer.toString(own)), 1, true);
    assertThat(new KernelTracer().prospect(byNumber).tracer()).isEqualTo(KernelTasks.self());
  }
}
