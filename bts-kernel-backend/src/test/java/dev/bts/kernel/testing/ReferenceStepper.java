package dev.bts.kernel.testing;

import java.nio.file.Path;
import java.util.List;

/**
 * The ground truth: {@code stepper/stepper.c}, an independent single-stepper that decides with
 * Zydis which branches are taken. Its first comment says what it does and which options it has.
 */
public final class ReferenceStepper {
  private static final NativeBuild BUILD = new NativeBuild("/stepper", List.of());
  private static final List<String> FLAGS =
      List.of("-O2", "-Wall", "-Wextra", "-Werror", "-lZydis");
  private static final Path ZYDIS_HEADER = Path.of("/usr/include/Zydis/Zydis.h");

  private ReferenceStepper() {}

  /**
   * Returns the stepper, built. The calling test is skipped, with the reason, if gcc or the headers
   * of Zydis are missing.
   */
  public static Path compile() {
    Requirements.file(ZYDIS_HEADER, "install libzydis-dev");
    return BUILD.build("stepper", "stepper.c", FLAGS);
  }
}
