package dev.bts.it.containers;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.bts.kernel.testing.Requirements;
import dev.bts.kernel.testing.TraceePrograms;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.assertj.core.util.Throwables;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.utility.MountableFile;

/**
 * The image of the tests' containers: of files of this machine, so that nothing is pulled, unless
 * another base is named as for {@link BtsImage#byDefault}.
 */
final class TestImage {
  /** Takes some branches and ends. */
  static final String SHORT = "/asm_short";

  /** The status that it ends with. */
  static final int SHORT_STATUS = 3;

  /** Runs until it is killed. */
  static final String ENDLESS = "/asm_endless";

  private static final Pattern ENGINE_MAY_NOT =
      Pattern.compile("(error setting rlimit|unable to apply caps).*operation not permitted");

  private static final int EXECUTABLE = 0755;
  private static final int SIZE_FIELD = 4;
  private static final long TIMEOUT_MILLIS = 120_000;
  private static final long POLL_MILLIS = 50;

  private TestImage() {}

  /** Returns it; the calling test is skipped, with the reason, if no container engine answers. */
  static BtsImage get() {
    Requirements.engine(Engine.absence());
    boolean isNamed =
        System.getProperty(BtsImage.BASE_PROPERTY) != null
            || System.getenv(BtsImage.BASE_VARIABLE) != null;
    return isNamed ? BtsImage.byDefault() : BtsImage.fromFiles();
  }

  /** Returns a container of it, without network, with the two programs. */
  static BtsContainer container() {
    return new BtsContainer(get())
        .withNetworkMode("none")
        .withCopyFileToContainer(program(TraceePrograms.compile("asm_short")), SHORT)
        .withCopyFileToContainer(program(TraceePrograms.compile("asm_endless")), ENDLESS);
  }

  /**
   * Starts a container; the calling test is skipped if the engine itself may not do what it takes.
   */
  static void startOrSkip(BtsContainer container) {
    try {
      container.start();
    } catch (ContainerLaunchException e) {
      String reason = String.valueOf(Throwables.getRootCause(e).getMessage()).strip();
      assumeFalse(
          ENGINE_MAY_NOT.matcher(reason).find(), "the engine has no right to do this: " + reason);
      throw e;
    }
  }

  /** Returns a program to be put into a container. */
  static MountableFile program(Path file) {
    return MountableFile.forHostPath(file, EXECUTABLE);
  }

  /** Waits until something is so. */
  static void await(String what, BooleanSupplier isSo) {
    long deadline = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000;
    while (!isSo.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(what + ": not within " + TIMEOUT_MILLIS + " ms");
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for: " + what, e);
      }
    }
  }

  /** Waits until a file in a container is there, and then until it grows. */
  static void awaitGrowth(BtsContainer container, String file) {
    await(file + " has content", () -> bytes(container, file) > 0);
    long before = bytes(container, file);
    await(file + " grows", () -> bytes(container, file) > before);
  }

  private static long bytes(BtsContainer container, String file) {
    String[] fields = container.inside().run("ls", "-l", file).output().split(" +", -1);
    return fields.length > SIZE_FIELD ? Long.parseLong(fields[SIZE_FIELD]) : 0;
  }
}
