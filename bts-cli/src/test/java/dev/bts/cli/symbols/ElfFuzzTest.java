package dev.bts.cli.symbols;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs of any content, such as a trace names: their symbols are read, or they are refused. */
class ElfFuzzTest {
  @TempDir static Path directory;

  static Stream<byte[]> programs() {
    return Stream.of(
        new byte[0],
        new ElfBuilder().function("first", 0x10, 0x20).buildId((byte) 1, (byte) 2).build());
  }

  @MethodSource("programs")
  @FuzzTest(maxDuration = "10m")
  void anyProgramIsReadOrRefused(byte[] content) throws IOException {
    Path file = Files.write(directory.resolve("program"), content);
    try {
      ElfReader.read(file);
    } catch (ElfException refused) {
      // It says what is wrong with the file.
    }
  }
}
