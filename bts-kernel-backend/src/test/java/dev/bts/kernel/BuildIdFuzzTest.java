package dev.bts.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that traced programs have mapped: they have a build id, or none. */
class BuildIdFuzzTest {
  /** The first page of a program has its notes, as linkers write it. */
  private static final int PAGE_BYTES = 4096;

  @TempDir static Path directory;

  static Stream<byte[]> programs() throws IOException {
    try (var in = Files.newInputStream(Path.of("/proc/self/exe"))) {
      return Stream.of(new byte[0], in.readNBytes(PAGE_BYTES));
    }
  }

  @MethodSource("programs")
  @FuzzTest(maxDuration = "10m")
  void anyFileHasAnIdOrNone(byte[] content) throws IOException {
    String id = BuildIdNote.read(Files.write(directory.resolve("program"), content));
    assertThat(id).hasSizeLessThanOrEqualTo(128).matches("([0-9a-f]{2})*");
  }
}
