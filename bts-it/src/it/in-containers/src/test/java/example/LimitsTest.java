package example;

import static dev.bts.it.containers.Payer.user;
import static dev.bts.it.containers.TraceAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bts.it.containers.BtsContainer;
import dev.bts.it.containers.Engine;
import dev.bts.it.containers.Inside;
import dev.bts.it.containers.Trace;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Under which limits branches can be counted, here and in a container. */
class LimitsTest {
  private static final int UID = 1000;
  private static final int REFUSED = 125;

  @BeforeAll
  static void engine() {
    Optional<String> absence = Engine.absence();
    if (Boolean.getBoolean("containers.required")) {
      assertThat(absence).isEmpty();
    }
    assumeTrue(absence.isEmpty(), absence.orElse(""));
  }

  @Test
  void countsHere() throws InterruptedException {
    assertThat(BranchCount.of("true")).isGreaterThan(1000);
  }

  @Test
  void sixtyFourKibibytesOfLockedMemorySufficeInAContainer() {
    try (BtsContainer container = new BtsContainer().withMemlock(64 << 10)) {
      container.start();
      Inside inside = container.as(UID);
      Trace trace = inside.record("--charge", "user", "--buffer", "auto", "--", "true");
      assertThat(trace).complete().chargedTo(user(UID)).pages(16).refunded();
      assertThat(trace.branches()).isGreaterThan(1000);

      Inside.Run refused = inside.bts("record", "--charge", "user", "--buffer", "1M", "--", "true");
      assertThat(refused.status()).isEqualTo(REFUSED);
      assertThat(refused.errors()).contains("RLIMIT_MEMLOCK of uid 1000 is 64 KiB");
    }
  }
}
