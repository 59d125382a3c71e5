package dev.bts.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.charging.AccountOwner;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The kernel's rules for locked memory, with their error codes. */
class LockedMemoryTest {
  private static final Credentials USER = Credentials.user(1000);
  private static final long PAGE = 4096;

  private final Machine machine = new Machine();

  private Task task(Credentials credentials, long addressSpacePages, long memlockPages) {
    return machine.boot(
        credentials, new ResourceLimits(addressSpacePages * PAGE, memlockPages * PAGE));
  }

  private static void assertRefused(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void aLockedMappingMovesBothCountersAndUnmappingMovesThemBack() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    long total = task.mm().totalPages();
    Mapping mapping = machine.memory().mapLocked(task, 10, USER);
    assertThat(task.mm().lockedPages()).isEqualTo(10);
    assertThat(task.mm().totalPages()).isEqualTo(total + 10);
    machine.memory().unmap(mapping);
    machine.memory().unmap(mapping);
    assertThat(task.mm().lockedPages()).isZero();
    assertThat(task.mm().totalPages()).isEqualTo(total);
  }

  @Test
  void mapLockedFailsWithEagainOverTheMemlockLimit() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    Mapping first = machine.memory().mapLocked(task, 6, USER);
    assertRefused(Errno.EAGAIN, () -> machine.memory().mapLocked(task, 5, USER));
    assertThat(task.mm().lockedPages()).isEqualTo(6);
    assertThat(machine.memory().mapLocked(task, 4, USER).pages()).isEqualTo(4);
    machine.memory().unmap(first);
    assertThat(task.mm().lockedPages()).isEqualTo(4);
  }

  @Test
  void mapLockedFailsWithEpermWhereTheLimitIsZeroBeforeAnythingElse() {
    assertRefused(Errno.EPERM, () -> machine.memory().mapLocked(task(USER, 0, 0), 1, USER));
  }

  @Test
  void mapLockedFailsWithEnomemOverTheAddressSpaceLimitWhateverTheCapabilities() {
    Task task = task(Credentials.root(), 10, 100);
    assertRefused(Errno.ENOMEM, () -> machine.memory().mapLocked(task, 11, Credentials.root()));
    assertThat(task.mm().lockedPages()).isZero();
  }

  @Test
  void overBothLimitsTheMemlockLimitIsToldFirst() {
    assertRefused(Errno.EAGAIN, () -> machine.memory().mapLocked(task(USER, 5, 5), 6, USER));
  }

  @Test
  void aCapabilityLiftsTheMemlockLimitUnlessItIsDroppedForTheCall() throws SystemCallException {
    Task task = task(Credentials.root(), 1000, 0);
    assertThat(machine.memory().mapLocked(task, 20, Credentials.root()).pages()).isEqualTo(20);
    Credentials dropped = Credentials.root().without(Capability.CAP_IPC_LOCK);
    assertRefused(Errno.EPERM, () -> machine.memory().mapLocked(task, 1, dropped));
    assertRefused(Errno.EPERM, () -> machine.memory().lockSegment(task, 1, dropped));
  }

  @Test
  void segmentsOfAUsersProcessesShareOneCounterUnderTheLimitOfTheCaller()
      throws SystemCallException {
    Task first = task(USER, 1000, 10);
    Task second = task(USER, 1000, 16);
    LockedSegment segment = machine.memory().lockSegment(first, 8, USER);
    assertRefused(Errno.ENOMEM, () -> machine.memory().lockSegment(first, 3, USER));
    assertThat(machine.memory().lockSegment(second, 8, USER).payer()).isSameAs(segment.payer());
    assertThat(machine.memory().user(USER.principal()).memlockPages()).isEqualTo(16);
    assertThat(first.mm().lockedPages()).isZero();
    machine.memory().remove(segment);
    machine.memory().remove(segment);
    assertThat(machine.memory().user(USER.principal()).memlockPages()).isEqualTo(8);
  }

  @Test
  void aSegmentIsRefundedToTheUserWhoLockedItAlthoughTheTaskChangedItsUser()
      throws SystemCallException {
    Task task = task(USER, 1000, 10);
    LockedSegment segment = machine.memory().lockSegment(task, 4, USER);
    machine.setCredentials(task, Credentials.user(2000));
    machine.memory().remove(segment);
    assertThat(machine.memory().user(USER.principal()).memlockPages()).isZero();
    assertThat(machine.memory().user(Credentials.user(2000).principal()).memlockPages()).isZero();
  }

  @Test
  void aLimitLoweredBelowUseRefusesGrowthAndTakesNothingAway() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    machine.memory().mapLocked(task, 10, USER);
    machine.setLimits(task.group(), task.group().limits().withMemlock(2 * PAGE));
    assertRefused(Errno.EAGAIN, () -> machine.memory().mapLocked(task, 1, USER));
    assertThat(task.mm().lockedPages()).isEqualTo(10);
  }

  @Test
  void limitsAreComparedUnsigned() {
    assertThat(ResourceLimits.exceeds(-1, 100)).isTrue();
    assertThat(ResourceLimits.exceeds(Long.MAX_VALUE, ResourceLimits.INFINITE)).isFalse();
    assertThat(ResourceLimits.exceeds(100, 100)).isFalse();
  }

  @Test
  void perfIsGivenToTheUserFirstAndOnlyTheExcessIsPinned() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    long gift = machine.memory().perfGiftPages();
    User user = machine.memory().user(USER.principal());
    PerfMapping first = machine.memory().mapPerf(task, gift - 1, USER);
    PerfMapping second = machine.memory().mapPerf(task, 11, USER);
    assertThat(user.perfPages()).isEqualTo(gift);
    assertThat(task.mm().pinnedPages()).isEqualTo(10);
    assertRefused(Errno.EPERM, () -> machine.memory().mapPerf(task, 1, USER));
    machine.memory().unmap(first);
    assertThat(user.perfPages()).isEqualTo(1);
    assertThat(task.mm().pinnedPages()).isEqualTo(10);
    machine.memory().unmap(second);
    machine.memory().unmap(second);
    assertThat(user.perfPages()).isZero();
    assertThat(task.mm().pinnedPages()).isZero();
  }

  @Test
  void aGroupAndAllAboveItAreChargedOrNone() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    AccountOwner.Group inner = new AccountOwner.Group("/a/b");
    AccountOwner.Group outer = new AccountOwner.Group("/a");
    machine.memory().setLimit(outer, 10);
    FilledPages filled = machine.memory().fill(task, inner, 10);
    assertRefused(Errno.ENOMEM, () -> machine.memory().fill(task, inner, 1));
    assertThat(machine.memory().group(inner).pages()).isEqualTo(10);
    assertThat(machine.memory().group(outer).pages()).isEqualTo(10);
    assertThat(machine.memory().group(new AccountOwner.Group("/")).pages()).isEqualTo(10);
    machine.memory().free(filled);
    machine.memory().free(filled);
    assertThat(machine.memory().group(inner).pages()).isZero();
    assertThat(machine.memory().group(outer).pages()).isZero();
  }

  @Test
  void whatAProcessHasChargedStaysWithTheGroupItLeaves() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    AccountOwner.Group first = new AccountOwner.Group("/first");
    machine.move(task.group(), first);
    FilledPages filled = machine.memory().fill(task, task.group().memoryGroup(), 3);
    machine.move(task.group(), new AccountOwner.Group("/second"));
    assertThat(task.identity().group().path()).isEqualTo("/second");
    machine.memory().free(filled);
    assertThat(machine.memory().group(first).pages()).isZero();
    assertThat(machine.memory().group(new AccountOwner.Group("/second")).pages()).isZero();
  }

  @Test
  void aRemovedGroupKeepsItsChargesAndAnotherOfItsNameHasNone() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    AccountOwner.Group outer = new AccountOwner.Group("/a");
    AccountOwner.Group inner = new AccountOwner.Group("/a/b");
    machine.move(task.group(), inner);
    FilledPages filled = machine.memory().fill(task, inner, 3);
    assertRefused(Errno.EBUSY, () -> machine.memory().removeGroup(inner));
    machine.move(task.group(), outer);
    assertRefused(Errno.EBUSY, () -> machine.memory().removeGroup(outer));
    machine.memory().removeGroup(inner);
    assertThat(machine.memory().group(outer).pages()).isEqualTo(3);
    assertThat(machine.memory().group(inner).pages()).as("it is another one").isZero();
    FilledPages more = machine.memory().fill(task, inner, 2);
    machine.memory().free(filled);
    assertThat(machine.memory().group(inner).pages()).isEqualTo(2);
    assertThat(machine.memory().group(outer).pages()).isEqualTo(2);
    machine.memory().free(more);
    assertThat(machine.memory().group(outer).pages()).isZero();
  }

  @Test
  void whatPerfGivesShrinksWithACpuAndWhatIsMappedStaysCharged() throws SystemCallException {
    Task task = task(USER, 1000, 0);
    long gift = machine.memory().perfGiftPages();
    PerfMapping ring = machine.memory().mapPerf(task, gift, USER);
    machine.setOnline(1, false);
    assertThat(machine.memory().perfGiftPages()).isEqualTo(gift / 2);
    assertRefused(Errno.EPERM, () -> machine.memory().mapPerf(task, 1, USER));
    machine.memory().unmap(ring);
    assertRefused(Errno.EPERM, () -> machine.memory().mapPerf(task, gift, USER));
    machine.setOnline(1, true);
    machine.memory().unmap(machine.memory().mapPerf(task, gift, USER));
    assertThat(task.mm().pinnedPages()).isZero();
  }
}
