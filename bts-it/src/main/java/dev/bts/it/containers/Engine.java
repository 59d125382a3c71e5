package dev.bts.it.containers;

import java.util.Optional;
import org.testcontainers.DockerClientFactory;

/** The container engine, as Testcontainers finds it. */
public final class Engine {
  private Engine() {}

  /** Returns why no container can be started here, or empty if an engine answers. */
  public static Optional<String> absence() {
    try {
      DockerClientFactory.instance().client();
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of(
          "no container engine answers: " + e.getMessage() + ": start one, or set DOCKER_HOST");
    }
  }
}
