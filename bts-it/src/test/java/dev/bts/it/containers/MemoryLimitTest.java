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

  /** Where it is a matter of pages the kernel may still refuse what the group's counter allows. */
  @Test
  void atTheEdgeTheTracerAndTheProgramLiveOn() {
    Plans plan = Plans.of(container.inside(), "--buffer", "4K", "--charge", "cgroup");
    long largest = plan.largestPages("cgroup");
    assertThat(largest).isPositive();
    int bystander = container.inside().start(TestImage.ENDLESS);
    for (long pages : new long[] {largest, largest - 2048, largest - 8192}) {
      Inside.Run run =
          container
              .inside()
              .bts(
                  "record",
                  "--charge",
                  "cgroup",
                  "--buffer",
                  pages * 4 + "K",
                  "--",
                  TestImage.SHORT);
      assertThat(run.status()).as(run.errors()).isIn(TestImage.SHORT_STATUS, OWN_ERROR);
    }
    container.inside().signal("KILL", bystander);
  }

  private static Trace record(String buffer) {
    return container
        .inside()
        .record("--charge", "cgroup", "--buffer", buffer, "--", TestImage.SHORT);
  }
}
