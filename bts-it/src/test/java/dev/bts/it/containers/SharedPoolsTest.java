package dev.bts.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.kernel.testing.NativeBuild;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which pools two containers share: a program in one holds memory on its user's pools, and {@code
 * bts plan} measures in the other what is in use there. Neither has a user namespace of its own,
 * unless a test makes one.
 */
class SharedPoolsTest {
  private static final String HOLD = "/hold";
  private static final String SEGMENT = "512";
  private static final String RING = "64";
  private static final String NOTHING = "0";

  /** A ring has one page more, its header. */
  private static final int RING_PAGES_IN_USE = 65;

  private static final int SEGMENT_PAGES_IN_USE = 512;

  /** User ids of these tests alone. */
  private static final int UID = 1_700_000_002;

  private static final int OTHER_UID = 1_700_000_003;

  private static Path hold;
  private static BtsContainer one;
  private static BtsContainer other;

  private int holder;

  @BeforeAll
  static void start() throws IOException {
    hold =
        new NativeBuild("/dev/bts/it/containers", List.of())
            .build("hold", "hold.c", List.of("-O1", "-static", "-Wall", "-Werror"));
    one = container();
    other = container();
    one.start();
    other.start();
  }

  private static BtsContainer container() {
    return TestImage.container()
        .withoutSeccomp()
        .withCopyFileToContainer(TestImage.program(hold), HOLD);
  }

  @AfterEach
  void letGo() {
    if (holder != 0) {
      one.as(0).signal("KILL", holder);
    }
  }

  @AfterAll
  static void stop() {
    if (one != null) {
      one.stop();
    }
    if (other != null) {
      other.stop();
    }
  }

  @Test
  void aUsersSystemVMemoryIsOnePoolForAllContainers() {
    hold(one.as(UID), SEGMENT, NOTHING);
    assertThat(segmentPages(other.as(UID))).isEqualTo(SEGMENT_PAGES_IN_USE);
    assertThat(segmentPages(other.as(OTHER_UID))).as("another user").isZero();
  }

  @Test
  void aUsersGiftOfPerfIsOnePoolForAllContainers() {
    hold(one.as(UID), NOTHING, RING);
    assertThat(ringPages(other.as(UID))).isEqualTo(RING_PAGES_IN_USE);
    assertThat(ringPages(other.as(OTHER_UID))).as("another user").isZero();
  }

  /** What differs is the limit: a namespace keeps its maker's, and its users are counted anew. */
  @Test
  void inAUserNamespaceSystemVMemoryIsCountedForItAndForItsMaker() {
    hold(one.as(UID).behind("unshare", "--user", "--map-root-user"), SEGMENT, NOTHING);
    assertThat(segmentPages(other.as(UID))).as("of its maker").isEqualTo(SEGMENT_PAGES_IN_USE);
    Inside namespace = other.as(UID).behind("unshare", "--user", "--map-root-user");
    assertThat(segmentPages(namespace)).as("of root in another namespace").isZero();
  }

  @Test
  void aUserNamespaceHasNoGiftOfItsOwn() {
    hold(one.as(UID), NOTHING, RING);
    Inside namespace = other.as(UID).behind("unshare", "--user", "--map-root-user");
    assertThat(ringPages(namespace)).isEqualTo(RING_PAGES_IN_USE);
  }

  /** Why perf fails in a container: root there lives on what the host's root has left. */
  @Test
  void rootOfTheContainerSharesTheGiftOfRootOfTheHost() throws IOException, InterruptedException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root holds root's gift");
    Process onHost =
        new ProcessBuilder(hold.toString(), NOTHING, RING).redirectErrorStream(true).start();
    String said = new String(onHost.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(onHost.waitFor()).as(said).isZero();
    ProcessHandle hostsHolder = ProcessHandle.of(Long.parseLong(said.strip())).orElseThrow();
    try {
      assertThat(ringPages(other.as(0))).isEqualTo(RING_PAGES_IN_USE);
    } finally {
      hostsHolder.destroyForcibly();
      hostsHolder.onExit().join();
    }
    assertThat(ringPages(other.as(0))).as("after its end").isZero();
  }

  private void hold(Inside inside, String segment, String ring) {
    Inside.Run run = inside.run(HOLD, segment, ring);
    assertThat(run.status()).as(run.errors()).isZero();
    holder = Integer.parseInt(run.output().strip());
  }

  private static long segmentPages(Inside inside) {
    return Plans.of(inside, "--buffer", "4K", "--charge", "user")
        .usedPages("user", "ucounts memlock");
  }

  private static long ringPages(Inside inside) {
    return Plans.of(inside, "--buffer", "4K", "--charge", "perf", "--mechanism", "lbr")
        .usedPages("perf", "user locked_vm");
  }
}
