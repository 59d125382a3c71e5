package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.bts.accounting.Policies;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.KernelException;
import dev.bts.api.TargetException;
import dev.bts.api.charging.Account;
import dev.bts.api.charging.AccountView;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.ChargePlan;
import dev.bts.api.charging.ChargeRequest;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Sys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
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

  /** Calls of which one fails without being made; the last, munmap(2), however often. */
  private static final class FailingCalls implements RemoteCalls {
    private static final int MUNMAP_AT_RELEASE = 5;

    private final RemoteCalls calls;
    private final int failing;
    private int left;

    FailingCalls(RemoteCalls calls, int failing) {
      this.calls = calls;
      this.failing = failing;
      this.left = failing;
    }

    @Override
    public int pid() {
      return calls.pid();
    }

    @Override
    public long call(int number, long a, long b, long c, long d, long e, long f) {
      boolean again = failing == MUNMAP_AT_RELEASE && left < 0;
      boolean fails = left == 0 || again;
      left--;
      return fails ? -Errno.EIO : calls.call(number, a, b, c, d, e, f);
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

  @ParameterizedTest
  @ValueSource(strings = {"file", "memfd", "truncated", "later"})
  void aTraceeThatReplacesTheBufferMeanwhileIsFoundOut(String how, @TempDir Path directory)
      throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "x".repeat(8 * PAGE_BYTES));
    try (Scene scene = new Scene()) {
      long before = scene.used("tracee");
      KernelPlaces places = new KernelPlaces(new Tampering(scene, how, victim), false);
      assertThatThrownBy(
              () ->
                  ChargedMemory.open(
                      scene.ledger,
                      Policies.named("tracee"),
                      scene.request(8),
                      places,
                      "test",
                      scene.drifts::add))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("no longer the buffer that was just made");
      assertThat(victim).hasContent("x".repeat(8 * PAGE_BYTES));
      assertThat(scene.used("tracee")).isEqualTo(before);
      assertThat(scene.ledger.liveReceipts()).isEmpty();
    }
  }

  /**
   * A tracee of which another thread acts just after the buffer's file was made, or opened here.
   */
  private static final class Tampering implements RemoteCalls {
    private static final int DUP2 = 33;

    private final Scene scene;
    private final String how;
    private final Path victim;
    private long memfd;

    Tampering(Scene scene, String how, Path victim) {
      this.scene = scene;
      this.how = how;
      this.victim = victim;
    }

    @Override
    public long call(int number, long a, long b, long c, long d, long e, long f) {
      if (number == Sys.MMAP && how.equals("later")) {
        tamper();
      }
      long result = scene.calls.call(number, a, b, c, d, e, f);
      if (number == Sys.MEMFD_CREATE) {
        memfd = result;
      } else if (number == Sys.FTRUNCATE && !how.equals("later")) {
        tamper();
      }
      return result;
    }

    private void tamper() {
      HelperProcess helper = scene.helper;
      switch (how) {
        case "file" -> {
          int pathOnly = 0x200000;
          byte[] path = victim.toString().getBytes(StandardCharsets.UTF_8);
          long other = helper.call(Sys.OPEN, helper.placeString(path), pathOnly);
          assertThat(helper.call(DUP2, other, memfd)).isEqualTo(memfd);
        }
        case "memfd", "later" -> {
          long name = helper.placeString("other".getBytes(StandardCharsets.UTF_8));
          long other = helper.call(Sys.MEMFD_CREATE, name, 2);
          assertThat(helper.call(Sys.FTRUNCATE, other, 8 * PAGE_BYTES)).isZero();
          assertThat(helper.call(DUP2, other, memfd)).isEqualTo(memfd);
        }
        default -> assertThat(helper.call(Sys.FTRUNCATE, memfd, PAGE_BYTES)).isZero();
      }
    }

    @Override
    public int pid() {
      return scene.calls.pid();
    }

    @Override
    public void write(long address, byte[] bytes) {
      scene.calls.write(address, bytes);
    }

    @Override
    public long scratch() {
      return scene.calls.scratch();
    }

    @Override
    public int scratchBytes() {
      return scene.calls.scratchBytes();
    }
  }

  @Test
  void aTraceeCannotCutTheBufferShort() {
    try (Scene scene = new Scene()) {
      ChargedMemory memory = scene.open("tracee", 8);
      MapsEntry there =
          MapsEntry.of(scene.helper.pid()).stream()
              .filter(entry -> entry.name().contains("bts:tracee"))
              .findFirst()
              .orElseThrow();
      String file =
          "/proc/"
              + scene.helper.pid()
              + "/map_files/"
              + Long.toHexString(there.start())
              + "-"
              + Long.toHexString(there.end());
      int truncate = 76;
      byte[] path = file.getBytes(StandardCharsets.UTF_8);
      assertThat(scene.helper.call(truncate, scene.helper.placeString(path), 0))
          .isEqualTo(-Errno.EPERM);
      int last = memory.bytes().capacity() - Long.BYTES;
      memory.bytes().putLong(last, 7);
      assertThat(memory.bytes().getLong(last)).isEqualTo(7);
      memory.release();
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
