package dev.bts.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    Mapping mapping = machine.mapLocked(task, 10, USER);
    assertThat(task.mm().lockedPages()).isEqualTo(10);
    assertThat(task.mm().totalPages()).isEqualTo(total + 10);
    machine.unmap(mapping);
    machine.unmap(mapping);
    assertThat(task.mm().lockedPages()).isZero();
    assertThat(task.mm().totalPages()).isEqualTo(total);
  }

  @Test
  void mapLockedFailsWithEagainOverTheMemlockLimit() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    Mapping first = machine.mapLocked(task, 6, USER);
    assertRefused(Errno.EAGAIN, () -> machine.mapLocked(task, 5, USER));
    assertThat(task.mm().lockedPages()).isEqualTo(6);
    assertThat(machine.mapLocked(task, 4, USER).pages()).isEqualTo(4);
    machine.unmap(first);
    assertThat(task.mm().lockedPages()).isEqualTo(4);
  }

  @Test
  void mapLockedFailsWithEpermWhereTheLimitIsZeroBeforeAnythingElse() {
    assertRefused(Errno.EPERM, () -> machine.mapLocked(task(USER, 0, 0), 1, USER));
  }

  @Test
  void mapLockedFailsWithEnomemOverTheAddressSpaceLimitWhateverTheCapabilities() {
    Task task = task(Credentials.root(), 10, 100);
    assertRefused(Errno.ENOMEM, () -> machine.mapLocked(task, 11, Credentials.root()));
    assertThat(task.mm().lockedPages()).isZero();
  }

  @Test
  void overBothLimitsTheMemlockLimitIsToldFirst() {
    assertRefused(Errno.EAGAIN, () -> machine.mapLocked(task(USER, 5, 5), 6, USER));
  }

  @Test
  void aCapabilityLiftsTheMemlockLimitUnlessItIsDroppedForTheCall() throws SystemCallException {
    Task task = task(Credentials.root(), 1000, 0);
    assertThat(machine.mapLocked(task, 20, Credentials.root()).pages()).isEqualTo(20);
    Credentials dropped = Credentials.root().without(Capability.CAP_IPC_LOCK);
    assertRefused(Errno.EPERM, () -> machine.mapLocked(task, 1, dropped));
    assertRefused(Errno.EPERM, () -> machine.lockSegment(task, 1, dropped));
  }

  @Test
  void segmentsOfAUsersProcessesShareOneCounterUnderTheLimitOfTheCaller()
      throws SystemCallException {
    Task first = task(USER, 1000, 10);
    Task second = task(USER, 1000, 16);
    LockedSegment segment = machine.lockSegment(first, 8, USER);
    assertRefused(Errno.ENOMEM, () -> machine.lockSegment(first, 3, USER));
    assertThat(machine.lockSegment(second, 8, USER).payer()).isSameAs(segment.payer());
    assertThat(machine.user(USER.principal()).memlockPages()).isEqualTo(16);
    assertThat(first.mm().lockedPages()).isZero();
    machine.remove(segment);
    machine.remove(segment);
    assertThat(machine.user(USER.principal()).memlockPages()).isEqualTo(8);
  }

  @Test
  void aSegmentIsRefundedToTheUserWhoLockedItAlthoughTheTaskChangedItsUser()
      throws SystemCallException {
    Task task = task(USER, 1000, 10);
    LockedSegment segment = machine.lockSegment(task, 4, USER);
    machine.setCredentials(task, Credentials.user(2000));
    machine.remove(segment);
    assertThat(machine.user(USER.principal()).memlockPages()).isZero();
    assertThat(machine.user(Credentials.user(2000).principal()).memlockPages()).isZero();
  }

  @Test
  void aLimitLoweredBelowUseRefusesGrowthAndTakesNothingAway() throws SystemCallException {
    Task task = task(USER, 1000, 10);
    machine.mapLocked(task, 10, USER);
    machine.setLimits(task.group(), task.group().limits().withMemlock(2 * PAGE));
    assertRefused(Errno.EAGAIN, () -> machine.mapLocked(task, 1, USER));
    assertThat(task.mm().lockedPages()).isEqualTo(10);
  }

  @Test
  void limitsAreComparedUnsigned() {
    assertThat(ResourceLimits.exceeds(-1, 100)).isTrue();
    assertThat(ResourceLimits.exceeds(Long.MAX_VALUE, ResourceLimits.INFINITE)).isFalse();
    assertThat(ResourceLimits.exceeds(100, 100)).isFalse();
  }
}
