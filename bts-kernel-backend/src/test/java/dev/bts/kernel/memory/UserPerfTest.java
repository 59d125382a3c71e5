package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.accounting.PerfPays;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.sys.PerfEvent;
import dev.bts.kernel.sys.ProcFile;
import dev.bts.kernel.sys.Sys;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gift of perf, measured while others have known parts of it. */
@Timeout(60)
class UserPerfTest {
  private static final int UNUSED_UID = 1_999_999_999;

  private final TaskIdentity self = KernelTasks.self();
  private final int uid = self.principal().uid();

  @BeforeEach
  void perfIsAllowed() {
    try (HelperProcess helper = HelperProcess.start()) {
      long event = helper.call(Sys.PERF_EVENT_OPEN, helper.place(PerfEvent.dummy()), 0, -1, -1, 0);
      assumeTrue(event >= 0, "perf_event_open answers " + Errno.name((int) -event));
    }
    // Root's gift is everybody's who runs as root here; an ordinary user of these tests is alone.
    assumeTrue(uid != 0, "another process of root may use perf now; runs as an ordinary user");
  }

  private static long mapRing(HelperProcess helper, long pages) {
    long event = helper.call(Sys.PERF_EVENT_OPEN, helper.place(PerfEvent.dummy()), 0, -1, -1, 0);
    assertThat(event).isNotNegative();
    return helper.call(
        Sys.MMAP,
        0,
        pages * Mapping.PAGE_BYTES,
        Mapping.PROT_READ | Mapping.PROT_WRITE,
        Mapping.MAP_SHARED,
        event,
        0);
  }

  @Test
  void measuresWhatOthersHaveToThePageAndGivesAllBack() {
    long before = UserPerf.measure(uid);
    long gift = PerfEvent.giftPages();
    try (HelperProcess other = HelperProcess.start()) {
      long mapped = 0;
      for (long pages : List.of(1L, 2L, 17L, 65L)) {
        assertThat(mapRing(other, pages)).isPositive();
        mapped += pages;
        assertThat(UserPerf.measure(uid)).isEqualTo(Math.min(gift, before + mapped));
        assertThat(UserPerf.measure(uid)).as("again").isEqualTo(Math.min(gift, before + mapped));
      }
      while (mapped < gift) {
        assertThat(mapRing(other, 17)).isPositive();
        mapped += 17;
      }
      assertThat(UserPerf.measure(uid)).as("nothing left").isEqualTo(gift);
    }
    assertThat(UserPerf.measure(uid)).isEqualTo(before);
  }

  @Test
  void measuresUnderALimitOfNoPages() {
    long before = UserPerf.measure(uid);
    try (MemlockLimit limit = new MemlockLimit(0);
        HelperProcess other = HelperProcess.start()) {
      assertThat(limit).isNotNull();
      assertThat(mapRing(other, 33)).isPositive();
      assertThat(UserPerf.measure(uid)).isEqualTo(before + 33);
    }
  }

  /** The policy divides a ring between the gift and pinned memory as the kernel does. */
  @Test
  void thePolicyPredictsWhereTheKernelChargesARing() {
    try (HelperProcess mapper = HelperProcess.start()) {
      TaskIdentity tracer = KernelTasks.identify(mapper.pid());
      Account pinned = Account.pinnedVm(tracer.mm());
      for (long pages = 2; pages <= 1 + (1 << 11); pages = 2 * pages - 1) {
        ChargePlan plan =
            new PerfPays()
                .plan(new ChargeRequest(tracer, self, pages, false), new KernelAccounts(false));
        long before = ProcFile.statusPages(mapper.pid(), "VmPin");
        long answer = mapRing(mapper, pages);
        long moved = ProcFile.statusPages(mapper.pid(), "VmPin") - before;
        if (plan instanceof ChargePlan.Admitted admitted) {
          assertThat(answer).as("%d pages: %s", pages, plan).isPositive();
          assertThat(admitted.charges()).contains(new Charge(pinned, moved));
        } else {
          assertThat(answer).as("%d pages: %s", pages, plan).isEqualTo(-Errno.EPERM);
        }
      }
    }
  }

  @Test
  void anotherUsersGiftIsNotMeasuredByAnOrdinaryOne() {
    assertThatThrownBy(() -> UserPerf.measure(UNUSED_UID))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("only that user or root can measure it");
  }
}
