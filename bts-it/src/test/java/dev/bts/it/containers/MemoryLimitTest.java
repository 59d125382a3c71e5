package dev.bts.it.containers;

import static dev.bts.it.containers.Payer.group;
import static dev.bts.it.containers.TraceAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The memory limit of a container, and buffers that its control group pays for. */
class MemoryLimitTest {
  private static final long LIMIT_BYTES = 256L << 20;
  private static final int OWN_ERROR = 125;

  /** What a virtual machine may take more or less from one time to the next. */
  private static final long ROOM_PAGES = 16_384;

  /** The top of what a container sees of its control groups. */
  private static final String TOP = "/.";

  private static BtsContainer container;

  @BeforeAll
  static void start() {
    container = TestImage.container().withMemoryLimit(LIMIT_BYTES);
    container.start();
  }

  @AfterAll
  static void stop() {
    if (container != null) {
      container.stop();
    }
  }

  @Test
  void theContainersGroupPays() {
    assertThat(record("4M")).complete().chargedTo(group(TOP)).pages(1024).refunded();
  }

  @Test
  void aBufferThatReachesTheLimitIsRefusedAndNobodyIsKilled() {
    int bystander = container.inside().start(TestImage.ENDLESS);
    Inside.Run run =
        container
            .inside()
            .bts("record", "--charge", "cgroup", "--buffer", "512M", "-p", "" + bystander);
    assertThat(run.status()).as(run.errors()).isEqualTo(OWN_ERROR);
    assertThat(run.errors()).contains("policy 'cgroup'", "memory limit of cgroup " + TOP);
    assertThat(run.errors()).contains("is 262144 KiB", "524288 asked", "lower --buffer");
    container.inside().signal("KILL", bystander);
  }

  /** A buffer that takes all that is left would be granted, and leave nothing for who runs. */
  @Test
  void onBothSidesOfTheEdgeTheTracerAndTheProgramLiveOn() {
    Plans plan = Plans.of(container.inside(), "--buffer", "4K", "--charge", "cgroup");
    long largest = plan.largestPages("cgroup");
    assertThat(largest).isGreaterThan(ROOM_PAGES);
    int bystander = container.inside().start(TestImage.ENDLESS);
    Inside.Run beyond = shortRun(largest + ROOM_PAGES);
    assertThat(beyond.status()).as(beyond.errors()).isEqualTo(OWN_ERROR);
    assertThat(beyond.errors()).contains("memory limit of cgroup " + TOP);
    Inside.Run within = shortRun(largest - ROOM_PAGES);
    assertThat(within.status()).as(within.errors()).isEqualTo(TestImage.SHORT_STATUS);
    container.inside().signal("KILL", bystander);
  }

  private static Inside.Run shortRun(long pages) {
    String buffer = pages * 4 + "K";
    return container
        .inside()
        .bts("record", "--charge", "cgroup", "--buffer", buffer, "--", TestImage.SHORT);
  }

  private static Trace record(String buffer) {
    return container
        .inside()
        .record("--charge", "cgroup", "--buffer", buffer, "--", TestImage.SHORT);
  }
}
