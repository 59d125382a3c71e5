package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.accounting.Policies;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.record.SideEvent;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.ProcFile;
import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A tracer (this process) and a tracee (a helper) under RLIMIT_MEMLOCK 8 MiB, with a ledger; when
 * it ends, it checks that nothing is left.
 */
final class Scene implements AutoCloseable {
  static final long LIMIT_BYTES = 8L << 20;

  final SimpleLedger ledger = new SimpleLedger();
  final List<SideEvent.AccountingDrift> drifts = Collections.synchronizedList(new ArrayList<>());
  final HelperProcess helper;
  final RemoteCalls calls;
  final TaskIdentity tracer = KernelTasks.self();
  final TaskIdentity tracee;
  final KernelPlaces places;
  private final MemlockLimit limit;
  private final long descriptorsBefore;
  private final List<MapsEntry> traceeBefore;

  /** Charges are made without CAP_IPC_LOCK: a root that has it is refused too, then. */
  Scene() {
    this(LIMIT_BYTES, true);
  }

  Scene(long limitBytes, boolean strict) {
    limit = new MemlockLimit(limitBytes);
    helper = HelperProcess.start();
    calls = new HelperCalls(helper);
    tracee = KernelTasks.identify(helper.pid());
    places = new KernelPlaces(calls, strict);
    descriptorsBefore = descriptors(helper.pid());
    traceeBefore = MapsEntry.of(helper.pid());
  }

  ChargeRequest request(long pages) {
    return new ChargeRequest(tracer, tracee, pages, false);
  }

  ChargedMemory open(ChargingPolicy policy, long pages) {
    return ChargedMemory.open(ledger, policy, request(pages), places, "test", drifts::add);
  }

  ChargedMemory open(String policy, long pages) {
    return open(Policies.named(policy), pages);
  }

  /** Returns the account that a policy charges first, for locked pages or for a group's. */
  Account locked(String policy) {
    return switch (policy) {
      case "tracer" -> Account.lockedVm(tracer.mm());
      case "tracee" -> Account.lockedVm(tracee.mm());
      case "user" -> Account.userMemlock(tracer.principal());
      case "cgroup" -> Account.groupMemory(tracer.group());
      default -> throw new IllegalArgumentException(policy);
    };
  }

  long used(String policy) {
    return places.accounts().usedPages(locked(policy));
  }

  /** Returns how many pages a policy's payer may still lock. */
  long free(String policy) {
    return places.accounts().limitPages(locked(policy), tracer) - used(policy);
  }

  /** A policy that plans like another one, with all limits left out. */
  static ChargingPolicy unchecked(String policy) {
    return new ChargingPolicy() {
      @Override
      public String name() {
        return policy;
      }

      @Override
      public ChargePlan plan(ChargeRequest request, AccountView view) {
        return Policies.named(policy).plan(request, AccountView.BOUNDLESS);
      }
    };
  }

  /** Checks that the books are empty and that nothing of a buffer is left on either side. */
  void assertNothingIsLeft() {
    assertThat(ledger.liveReceipts()).isEmpty();
    for (String policy : List.of("tracer", "tracee", "user", "cgroup")) {
      assertThat(ledger.reservedPages(locked(policy))).isZero();
    }
    assertThat(MapsEntry.of((int) ProcessHandle.current().pid()))
        .noneMatch(
            entry -> entry.name().contains("bts:") || entry.name().startsWith("/SYSV627473"));
    int own = (int) ProcessHandle.current().pid();
    assertThat(new File("/proc/self/fd").list())
        .noneMatch(number -> ProcFile.link(own, "fd/" + number).contains("bts:"));
    if (!MapsEntry.of(helper.pid()).isEmpty()) {
      assertThat(MapsEntry.of(helper.pid())).isEqualTo(traceeBefore);
      assertThat(descriptors(helper.pid())).isEqualTo(descriptorsBefore);
    }
  }

  static long descriptors(int pid) {
    return Objects.requireNonNull(new File("/proc/" + pid + "/fd").list()).length;
  }

  @Override
  public void close() {
    helper.close();
    limit.close();
  }
}
