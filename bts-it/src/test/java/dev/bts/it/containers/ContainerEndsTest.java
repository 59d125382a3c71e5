package dev.bts.it.containers;

import static dev.bts.it.containers.Payer.user;
import static dev.bts.it.containers.TraceAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Containers that are paused, stopped or killed while something is traced in them. */
class ContainerEndsTest {
  private static final String FILE = "/tmp/endless.bts";
  private static final String[] RECORD = {
    "bts", "record", "-o", FILE, "--charge", "user", "--buffer", "64K", "--", TestImage.ENDLESS
  };
  private static final int STOP_SECONDS_MAX = 60;

  /** A user id of these tests alone, so that nobody else's memory is on its account. */
  private static final int UID = 1_700_000_001;

  /** Paused, it goes on afterwards; killed, it leaves no charge and a trace that says it is cut. */
  @Test
  void aPausedContainerGoesOnAndAKilledOneLeavesNoCharge() {
    try (BtsContainer watching = TestImage.container();
        BtsContainer container = TestImage.container()) {
      watching.start();
      container.start();
      container.as(UID).start(RECORD);
      TestImage.awaitGrowth(container, FILE);
      TestImage.await("16 pages are charged", () -> chargedPages(watching) == 16);

      var engine = container.getDockerClient();
      engine.pauseContainerCmd(container.getContainerId()).exec();
      assertThat(chargedPages(watching)).as("while it is paused").isEqualTo(16);
      engine.unpauseContainerCmd(container.getContainerId()).exec();
      TestImage.awaitGrowth(container, FILE);

      engine.killContainerCmd(container.getContainerId()).exec();
      TestImage.await("it is dead", () -> !container.isRunning());
      assertThat(chargedPages(watching)).as("after the kill").isZero();
      Trace trace = container.trace(FILE);
      assertThat(trace.fidelity()).as("it says that its end is missing").isEmpty();
      assertThat(trace.branches()).isPositive();
      assertThat(trace.payments()).hasSize(1).noneMatch(payment -> payment.refunded());
    }
  }

  @Test
  void aStoppedContainerLeavesACompleteTrace() {
    try (BtsContainer container =
        TestImage.container().withUser(UID + ":" + UID).withCommand(RECORD)) {
      container.start();
      TestImage.awaitGrowth(container, FILE);
      container
          .getDockerClient()
          .stopContainerCmd(container.getContainerId())
          .withTimeout(STOP_SECONDS_MAX)
          .exec();
      assertThat(container.trace(FILE)).complete().chargedTo(user(UID)).pages(16).refunded();
    }
  }

  /** The user is charged across containers: another one sees it. */
  private static long chargedPages(BtsContainer watching) {
    return Plans.of(watching.as(UID), "--buffer", "4K", "--charge", "user")
        .usedPages("user", "ucounts memlock");
  }
}
