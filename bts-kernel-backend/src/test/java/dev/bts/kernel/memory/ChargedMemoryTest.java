package dev.bts.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.api.ChargeRefusedException;
import dev.bts.api.charging.Account;
import dev.bts.kernel.sys.ProcFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real charges, under RLIMIT_MEMLOCK 8 MiB and without CAP_IPC_LOCK. As an ordinary user, that is
 * how things are; as root, it is what strict charging makes of them.
 */
@Timeout(120)
class ChargedMemoryTest {
  private static final int PAGE_BYTES = 4096;

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void movesTheKernelsCounterByExactlyThePagesOfTheReceipt(String policy) {
    try (Scene scene = new Scene()) {
      long before = scene.used(policy);
      ChargedMemory memory = scene.open(policy, 257);
      assertThat(memory.receipt().pages()).isEqualTo(257);
      assertThat(memory.receipt().liftedBy()).isEmpty();
      assertThat(scene.used(policy) - before).isEqualTo(257);
      assertThat(scene.ledger.chargedPages(scene.locked(policy))).isEqualTo(257);
      memory.verify();
      memory.release();
      assertThat(scene.used(policy)).isEqualTo(before);
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void chargesNobodyElse(String policy) {
    try (Scene scene = new Scene()) {
      List<String> others = new ArrayList<>(List.of("tracee", "tracer", "user"));
      others.remove(policy);
      List<Long> before = others.stream().map(scene::used).toList();
      ChargedMemory memory = scene.open(policy, 100);
      assertThat(others.stream().map(scene::used).toList()).isEqualTo(before);
      memory.release();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void takesTheLastFreePage(String policy) {
    try (Scene scene = new Scene()) {
      long before = scene.used(policy);
      long free = scene.free(policy);
      ChargedMemory memory = scene.open(policy, free);
      assertThat(scene.free(policy)).isZero();
      ByteBuffer bytes = memory.bytes();
      assertThat(bytes.capacity())
          .isEqualTo(Math.toIntExact(free * PAGE_BYTES) - BufferHeader.SIZE_BYTES);
      bytes.putLong(0, 1).putLong(bytes.capacity() - Long.BYTES, 2);
      assertThat(bytes.getLong(0)).isEqualTo(1);
      memory.release();
      assertThat(scene.used(policy)).isEqualTo(before);
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void onePageTooManyIsRefusedByTheLedger(String policy) {
    try (Scene scene = new Scene()) {
      long before = scene.used(policy);
      long free = scene.free(policy);
      ChargeRefusedException refused =
          catchThrowableOfType(ChargeRefusedException.class, () -> scene.open(policy, free + 1));
      assertTeaches(refused, scene, policy, before);
      assertThat(refused.getMessage()).doesNotContain("the kernel answered");
      assertThat(scene.used(policy)).isEqualTo(before);
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void onePageTooManyIsRefusedByTheKernel(String policy) {
    try (Scene scene = new Scene()) {
      long before = scene.used(policy);
      long free = scene.free(policy);
      ChargeRefusedException refused =
          catchThrowableOfType(
              ChargeRefusedException.class, () -> scene.open(Scene.unchecked(policy), free + 1));
      assertTeaches(refused, scene, policy, before);
      assertThat(refused)
          .hasMessageContaining(
              "the kernel answered " + (policy.equals("user") ? "ENOMEM" : "EAGAIN"));
      assertThat(scene.used(policy)).isEqualTo(before);
      // The ledger let it pass: that is a difference between the two, and is said.
      assertThat(scene.drifts).hasSize(1);
      assertThat(scene.drifts.get(0).predictedPages()).isEqualTo(free + 1);
      assertThat(scene.drifts.get(0).kernelPages()).isZero();
      scene.assertNothingIsLeft();
    }
  }

  private static void assertTeaches(
      ChargeRefusedException refused, Scene scene, String policy, long used) {
    long limit = scene.places.accounts().limitPages(scene.locked(policy), scene.tracer);
    assertThat(refused)
        .hasMessageContaining("by policy '" + policy + "'")
        .hasMessageContaining(
            "RLIMIT_MEMLOCK of %s is %d KiB, %d in use, %d asked",
            scene.locked(policy).owner(), limit * 4, used * 4, (limit - used + 1) * 4)
        .hasMessageContaining("lower --buffer to ")
        .hasMessageContaining("raise 'ulimit -l'");
    assertThat(refused.refusal().fittingPages()).isEqualTo(limit - used);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void aLimitOfZeroIsExplainedToo(String policy) {
    try (Scene scene = new Scene(0, true)) {
      assertThatThrownBy(() -> scene.open(policy, 1))
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("is 0 KiB");
      assertThatThrownBy(() -> scene.open(Scene.unchecked(policy), 1))
          .isInstanceOf(ChargeRefusedException.class)
          .hasMessageContaining("the kernel answered EPERM; RLIMIT_MEMLOCK")
          .hasMessageContaining("is 0 KiB")
          .hasMessageEndingWith(": raise 'ulimit -l'");
      scene.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void aCapabilityLiftsTheLimitAndTheReceiptSaysSo(String policy) {
    try (Scene scene = new Scene(Scene.LIMIT_BYTES, false)) {
      assumeTrue(
          scene
              .places
              .accounts()
              .liftedBy(Account.lockedVm(scene.tracer.mm()), scene.tracer)
              .isPresent(),
          "needs CAP_IPC_LOCK, as root");
      long before = scene.used(policy);
      ChargedMemory memory = scene.open(policy, scene.free(policy) + 1);
      assertThat(memory.receipt().liftedBy()).isEqualTo("CAP_IPC_LOCK");
      memory.verify();
      memory.release();
      assertThat(scene.used(policy)).isEqualTo(before);
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracee", "tracer", "user"})
  void strictChargingGivesTheCapabilityBack(String policy) {
    try (Scene scene = new Scene()) {
      String own = capabilities("/proc/thread-self/status");
      String tracee = capabilities("/proc/" + scene.helper.pid() + "/status");
      ChargedMemory memory = scene.open(policy, 8);
      memory.release();
      assertThatThrownBy(() -> scene.open(Scene.unchecked(policy), scene.free(policy) + 1))
          .isInstanceOf(ChargeRefusedException.class);
      assertThat(capabilities("/proc/thread-self/status")).isEqualTo(own);
      assertThat(capabilities("/proc/" + scene.helper.pid() + "/status")).isEqualTo(tracee);
    }
  }

  private static String capabilities(String status) {
    return ProcFile.lines(status).stream()
        .filter(line -> line.startsWith("Cap"))
        .reduce("", String::concat);
  }

  @Test
  void chargesOfSeveralThreadsDoNotConfuseTheCheck() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Scene scene = new Scene()) {
      List<Future<Void>> results = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Callable<Void> work =
            () -> {
              for (int round = 0; round < 50; round++) {
                scene.open("tracer", 10).release();
              }
              return null;
            };
        results.add(threads.submit(work));
      }
      for (Future<Void> result : results) {
        result.get();
      }
      assertThat(scene.drifts).isEmpty();
      scene.assertNothingIsLeft();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void ledgerAndKernelAgreeAfterEveryStepOfARandomHistory() {
    long seed = Long.getLong("bts.seed", System.nanoTime());
    String replay = "replay with -Dtest=ChargedMemoryTest -Dbts.seed=" + seed;
    Random random = new Random(seed);
    List<String> policies = List.of("tracee", "tracer", "user");
    try (Scene scene = new Scene()) {
      List<Long> foreign = policies.stream().map(scene::used).toList();
      List<ChargedMemory> live = new ArrayList<>();
      for (int step = 0; step < 60; step++) {
        if (live.isEmpty() || random.nextInt(3) > 0) {
          String policy = policies.get(random.nextInt(3));
          int pages = 1 + random.nextInt(700);
          long free = scene.free(policy);
          try {
            live.add(scene.open(policy, pages));
            assertThat((long) pages).as(replay).isLessThanOrEqualTo(free);
          } catch (ChargeRefusedException refused) {
            assertThat((long) pages).as(replay).isGreaterThan(free);
          }
        } else {
          live.remove(random.nextInt(live.size())).release();
        }
        for (int i = 0; i < 3; i++) {
          String policy = policies.get(i);
          assertThat(scene.used(policy) - foreign.get(i))
              .as("%s after step %d; %s", policy, step, replay)
              .isEqualTo(scene.ledger.chargedPages(scene.locked(policy)));
        }
      }
      live.forEach(ChargedMemory::release);
      assertThat(scene.drifts).as(replay).isEmpty();
      scene.assertNothingIsLeft();
    }
  }
}
