package dev.bts.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** What images are based on. */
class BtsImageTest {
  @Test
  void thePublicImageIsTheDefault() {
    assumeTrue(System.getProperty(BtsImage.BASE_PROPERTY) == null, "another base is named");
    assumeTrue(System.getenv(BtsImage.BASE_VARIABLE) == null, "another base is named");
    assertThat(BtsImage.byDefault().base()).isEqualTo("eclipse-temurin:17-jre");
  }

  @Test
  void thereIsOneImageForABase() {
    assertThat(BtsImage.on("some-jre:17")).isSameAs(BtsImage.on("some-jre:17"));
    assertThat(BtsImage.fromFiles()).isNotSameAs(BtsImage.on("some-jre:17"));
  }

  /** Any image with a shell and java will do: here the one that is there. */
  @Test
  void btsIsPutOnAnotherImage() throws ExecutionException, InterruptedException {
    String base = TestImage.get().name().get();
    try (BtsContainer container = new BtsContainer(BtsImage.on(base)).withNetworkMode("none")) {
      container.start();
      assertThat(container.inside().record("--mechanism", "none", "--", "true").header())
          .isPresent();
    }
  }
}
