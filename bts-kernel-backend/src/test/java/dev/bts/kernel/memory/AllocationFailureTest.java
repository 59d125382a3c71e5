package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.bts.accounting.Policies;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.KernelException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Sys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures in the middle of a charge, and plans that cannot be carried out. */
@Timeout(120)
class AllocationFailureTest {
  private static final int PAGE_BYTES = 4096;

  private static final int RLIMIT_AS = 9;

  private static final int RLIMIT_NOFILE = 7;

  @Test
  void theAddressSpaceLimitOfTheTraceeHoldsForBoth() {
    try (Scene scene = new Scene()) {
      long used = scene.places.accounts().usedPages(Account.totalVm(scene.tracee.mm()));
      setLimit(scene, RLIMIT_AS, (used + 64) * PAGE_BYTES);
      for (ChargingPolicy policy : List.of(Scene.unchecked("tracee"), Policies.named("tracee"))) {
        assertThatThrownBy(() -> scene.open(policy, 65))
            .isInstanceOf(ChargeRefusedException.class)
            .hasMessageContaining("RLIMIT_AS of " + scene.tracee.mm())
            .hasMessageContaining("lower --buffer to 256K or raise 'ulimit -v'");
      }
      ChargedMemory memory = scene.open("tracee", 64);
      memory.release();
      scene.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void aCallThatFailsMidwayLeavesNothing(int failing) {
    try (Scene scene = new Scene()) {
      KernelPlaces places = new KernelPlaces(new FailingCalls(scene.calls, failing), false);
      long before = scene.used("tracee");
      ChargingPolicy policy = Policies.named("tracee");
      Throwable failure =
          catchThrowable(
              () ->
                  ChargedMemory.open(
                          scene.ledger, policy, scene.request(8), places, "test", scene.drifts::add)
                      .release());
      // memfd_create, ftruncate, mmap and madvise; then close, and munmap at the release.
      boolean munmapFails = failing == 5;
      if (failing != 4) {
        assertThat(failure).isInstanceOf(KernelException.class).hasMessageContaining("EIO");
      }
      if (failing < 4) {
        scene.assertNothingIsLeft();
      }
      assertThat(scene.drifts).hasSize(munmapFails ? 2 : 0);
      assertThat(scene.used("tracee")).isEqualTo(munmapFails ? before + 8 : before);
      assertThat(scene.ledger.liveReceipts()).isEmpty();
    }
  }

  /** Calls of which one fails without being made. */
  private static final class FailingCalls implements RemoteCalls {
    private final RemoteCalls calls;
    private int left;

    FailingCalls(RemoteCalls calls, int failing) {
      this.calls = calls;
      this.left = failing;
    }

    @Override
    public int pid() {
      return calls.pid();
    }

    @Override
    public long call(int number, long a, long b, long c, long d, long e, long f) {
      return left-- == 0 ? -Errno.EIO : calls.call(number, a, b, c, d, e, f);
    }

    @Override
    public void write(long address, byte[] bytes) {
      calls.write(address, bytes);
    }

    @Override
    public long scratch() {
      return calls.scratch();
    }

    @Override
    public int scratchBytes() {
      return calls.scratchBytes();
    }
  }

  @Test
  void aTraceeWithoutADescriptorToSpareIsNotCharged() {
    try (Scene scene = new Scene()) {
      setLimit(scene, RLIMIT_NOFILE, 0);
      assertThatThrownBy(() -> scene.open("tracee", 1))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("EMFILE");
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void noPagesAreNobodysCharge() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracer", 0);
      assertThat(memory.bytes().capacity()).isZero();
      assertThat(memory.receipt().pages()).isZero();
      memory.verify();
      memory.release();
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @Test
  void refusesAPlanThatTheKernelWouldNotChargeSo() {
    try (Scene scene = new Scene()) {
      ChargingPolicy half =
          planning(new Charge(scene.locked("tracer"), 4), new Charge(scene.locked("tracee"), 4));
      ChargingPolicy cheap =
          planning(
              new Charge(Account.totalVm(scene.tracer.mm()), 1),
              new Charge(scene.locked("tracer"), 1));
      for (ChargingPolicy policy : List.of(half, cheap)) {
        assertThatThrownBy(() -> scene.open(policy, 8))
            .isInstanceOf(InvalidRequestException.class)
            .hasMessageContaining("by policy 'made up'")
            .hasMessageContaining("there is no memory for which the kernel charges just that");
      }
      scene.assertNothingIsLeft();
    }
  }

  private static ChargingPolicy planning(Charge... charges) {
    return new ChargingPolicy() {
      @Override
      public String name() {
        return "made up";
      }

      @Override
      public ChargePlan plan(ChargeRequest request, AccountView view) {
        return new ChargePlan.Admitted(List.of(charges), "");
      }
    };
  }

  private static void setLimit(Scene scene, int resource, long bytes) {
    byte[] limit = new byte[16];
    ByteBuffer.wrap(limit)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0, bytes)
        .putLong(Long.BYTES, bytes);
    scene.calls.write(scene.calls.scratch(), limit);
    assertThat(scene.calls.call(Sys.PRLIMIT64, 0, resource, scene.calls.scratch(), 0, 0, 0))
        .isZero();
  }
}
