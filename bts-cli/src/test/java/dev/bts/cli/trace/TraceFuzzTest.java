package dev.bts.cli.trace;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bts.api.TraceFormatException;
import dev.bts.api.record.BranchRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Trace files of any content: they are read, or refused with an explanation; see docs/security.md.
 */
class TraceFuzzTest {
  @TempDir static Path directory;

  static Stream<byte[]> files() {
    List<List<Object>> chunks = List.of(List.of(new BranchRecord(4096, 8192, 0, 7)));
    RandomTrace trace = new RandomTrace(5);
    return Stream.of(
        new byte[0],
        TraceFiles.write(chunks, TraceFiles.impatientClock()),
        TraceFiles.write(
            List.of(trace.chunk(4), trace.chunk(4), trace.chunk(9)), TraceFiles.impatientClock()));
  }

  @MethodSource("files")
  @FuzzTest(maxDuration = "10m")
  void anyFileIsReadOrRefused(byte[] content) throws IOException {
    try {
      TraceFiles.read(TraceFiles.file(directory, content));
    } catch (TraceFormatException refused) {
      // It says what is wrong with the file.
    }
  }

  static Stream<byte[]> blocks() {
    return Stream.of(
        new byte[0],
        new byte[] {3, 0, 0, 0, 0, 0, 0, 1, 2, 3},
        new byte[] {1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0});
  }

  /** The content of a block whose checksum is right, which chance does not find. */
  @MethodSource("blocks")
  @FuzzTest(maxDuration = "10m")
  void anyBlockIsReadOrDamaged(byte[] content) throws IOException {
    ByteSink block = new ByteSink(100);
    block.putBytes(content, 0, content.length);
    int records = content.length > 0 ? content[0] & 0x7f : 1;
    byte[] file = TraceFiles.withBlock(block, records, records >> 4);
    TraceFiles.read(TraceFiles.file(directory, file));
  }
}
