package dev.bts.it.containers;

import static dev.bts.it.containers.Payer.tracee;
import static dev.bts.it.containers.Payer.tracer;
import static dev.bts.it.containers.Payer.user;
import static dev.bts.it.containers.TraceAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A container as the engine makes it, with its default seccomp profile and capabilities: what works
 * there, and which limits of locked memory grant or refuse which policy.
 */
class DefaultProfileTest {
  private static final int UID = 1000;
  private static final int OWN_ERROR = 125;
  private static final int PAGE_KIB = 4;
  private static final long PAGE_BYTES = 4096;
  private static final Map<String, Payer> PAYERS =
      Map.of("tracee", tracee(), "tracer", tracer(), "user", user(UID));

  private static BtsContainer container;

  @BeforeAll
  static void start() {
    container = TestImage.container().withMemlock(8 << 20);
    container.start();
  }

  @AfterAll
  static void stop() {
    if (container != null) {
      container.stop();
    }
  }

  @Test
  void rootTraces() {
    assertThat(container.inside().record("--buffer", "1M", "--", TestImage.SHORT))
        .complete()
        .chargedTo(tracer())
        .pages(256)
        .refunded();
  }

  @Test
  void anOrdinaryUserTraces() {
    Inside inside = container.as(UID).memlock(8 << 20);
    assertThat(inside.record("--charge", "user", "--buffer", "4M", "--", TestImage.SHORT))
        .complete()
        .chargedTo(user(UID))
        .pages(1024)
        .refunded();
  }

  @Test
  void theProbeSaysWhatTheProfileForbids() {
    String probe = container.as(UID).bts("probe").output();
    assertThat(probe)
        .containsPattern("single-step +works")
        .containsPattern(
            "tracee +works(.*\\n)+tracer +works(.*\\n)+user +works(.*\\n)+cgroup +works")
        .containsPattern("software-bts +no: .*\\n.*confined by seccomp")
        .contains("allow perf_event_open in the profile of the container");
  }

  /** What is confined by seccomp is single-stepped; the trace is the same. */
  @Test
  void softwareBtsStillRecordsEveryBranch() {
    Trace stepped = container.inside().record("--", TestImage.SHORT);
    Trace translated =
        container.inside().record("--mechanism", "software-bts", "--", TestImage.SHORT);
    assertThat(translated).complete().refunded();
    assertThat(translated.branches()).isEqualTo(stepped.branches()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 64 << 10, 8 << 20})
  void everyLimitGrantsWhatThePlanSays(long limit) {
    Inside inside = container.as(UID).memlock(limit);
    Plans plan = Plans.of(inside, "--buffer", "4K");
    for (String policy : new String[] {"tracee", "tracer", "user"}) {
      long largest = plan.largestPages(policy);
      assertThat(largest).as(policy).isEqualTo(limit / PAGE_BYTES);
      if (largest > 0) {
        assertGranted(inside, policy, largest);
      }
      assertRefused(inside, policy, largest);
    }
  }

  /** A machine whose root may not raise limits cannot make such a container. */
  @Test
  void withoutALimitEveryPolicyIsGrantedMore() {
    try (BtsContainer unlimited = TestImage.container().withMemlock(BtsContainer.UNLIMITED)) {
      TestImage.startOrSkip(unlimited);
      Plans plan = Plans.of(unlimited.as(UID), "--buffer", "16M");
      for (String policy : PAYERS.keySet()) {
        assertThat(plan.largestPages(policy)).as(policy).isGreaterThan(4096);
        assertGranted(unlimited.as(UID), policy, 4096);
      }
    }
  }

  /** What lifts the limit wherever the capability can be given: the receipt names it. */
  @Test
  void rootWithTheCapabilityIsGrantedBeyondTheLimit() {
    try (BtsContainer capable =
        TestImage.container().withCapabilities("IPC_LOCK").withMemlock(64 << 10)) {
      capable.start();
      for (String policy : PAYERS.keySet()) {
        Trace trace =
            capable.inside().record("--charge", policy, "--buffer", "1M", "--", TestImage.SHORT);
        assertThat(trace).complete().pages(256).refunded();
        assertThat(trace.payments())
            .allMatch(payment -> payment.receipt().liftedBy().equals("CAP_IPC_LOCK"));
      }
    }
  }

  private static void assertGranted(Inside inside, String policy, long pages) {
    String buffer = pages * PAGE_KIB + "K";
    assertThat(inside.record("--charge", policy, "--buffer", buffer, "--", TestImage.SHORT))
        .complete()
        .chargedTo(Objects.requireNonNull(PAYERS.get(policy)))
        .pages(pages)
        .refunded();
  }

  private static void assertRefused(Inside inside, String policy, long largest) {
    String buffer = (largest + 1) * PAGE_KIB + "K";
    Inside.Run run =
        inside.bts("record", "--charge", policy, "--buffer", buffer, "--", TestImage.SHORT);
    assertThat(run.status()).as(run.errors()).isEqualTo(OWN_ERROR);
    assertThat(run.errors())
        .contains("policy '" + policy + "'", "RLIMIT_MEMLOCK of ")
        .contains(" is " + largest * PAGE_KIB + " KiB, 0 in use");
  }
}
