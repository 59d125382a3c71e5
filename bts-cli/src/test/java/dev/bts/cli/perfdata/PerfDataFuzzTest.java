package dev.bts.cli.perfdata;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bts.api.TraceFormatException;
import dev.bts.cli.trace.CollectingVisitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Recordings of perf of any content: they are imported, or refused with an explanation. */
class PerfDataFuzzTest {
  @TempDir static Path directory;

  private static final class Taken extends CollectingVisitor implements PerfDataSink {
    @Override
    public void begin(PerfDataOrigin origin) {
      // What it is, is of no interest.
    }
  }

  static Stream<byte[]> recordings() {
    PerfDataBuilder builder = new PerfDataBuilder().sample(7, 1, 0, 4096, 8192);
    byte[] records = PerfDataReaderTest.records(builder.file());
    return Stream.of(
        new byte[0],
        builder.file(),
        new PerfDataBuilder().raw(PerfDataBuilder.compressed(records, new Random(1))).file());
  }

  @MethodSource("recordings")
  @FuzzTest(maxDuration = "10m")
  void anyRecordingIsReadOrRefused(byte[] content) throws IOException {
    Path file = Files.write(directory.resolve("perf.data"), content);
    try {
      PerfDataReader.read(file, new Taken());
    } catch (TraceFormatException refused) {
      // It says what is wrong with the file.
    }
  }
}
