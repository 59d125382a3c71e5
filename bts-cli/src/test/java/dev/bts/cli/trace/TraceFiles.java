package dev.bts.cli.trace;

import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Trace files for tests. */
public final class TraceFiles {
  /** A header like that of a recording. */
  public static final TraceHeader HEADER =
      new TraceHeader(
          "bts test",
          Map.of("kernel", "6.1.0"),
          Mechanism.SINGLE_STEP,
          Fidelity.COMPLETE,
          List.of("ls", "-l", "/"),
          1000,
          Instant.ofEpochSecond(1_800_000_000, 123_456_789),
          42);

  private TraceFiles() {}

  /** Returns a clock by which every chunk makes the block before it too old to wait. */
  static LongSupplier impatientClock() {
    long[] now = {0};
    return () -> now[0] += FormatLimits.BLOCK_AGE_NANOS;
  }

  /** Returns the file that a writer makes of these chunks. */
  static byte[] write(List<List<Object>> chunks, LongSupplier clock) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TraceWriter writer = TraceWriter.to(Channels.newChannel(bytes), "memory", clock)) {
      writer.begin(HEADER);
      chunks.forEach(chunk -> feed(writer, chunk));
    }
    return bytes.toByteArray();
  }

  /** Hands one chunk to a sink: a list of records, or a list of one event. */
  public static void feed(TraceSink sink, List<?> chunk) {
    if (chunk.get(0) instanceof SideEvent event) {
      sink.event(event);
    } else {
      sink.branches(new ListCursor(chunk.stream().map(BranchRecord.class::cast).toList()));
    }
  }

  /** Returns a whole file with one stream block of this content, and these claimed lengths. */
  static byte[] withBlock(ByteSink content, int records, int events) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Compression compression = new Compression()) {
      BlockWriter blocks = new BlockWriter(Channels.newChannel(bytes), compression, 1);
      blocks.preamble();
      ByteSink header = new ByteSink(100);
      HeaderCodec.write(HEADER, header);
      blocks.write(BlockKind.HEADER, header, 0);
      blocks.write(BlockKind.STREAM, content, records, events, 0, -1, 0, 0);
      blocks.finish(Fidelity.COMPLETE, 0);
    }
    return bytes.toByteArray();
  }

  /** Writes bytes to a file of a directory and returns its path. */
  static Path file(Path directory, byte[] bytes) throws IOException {
    return Files.write(directory.resolve("test.bts"), bytes);
  }

  /** Reads everything of a file. */
  public static CollectingVisitor read(Path path) {
    CollectingVisitor visitor = new CollectingVisitor();
    try (TraceReader reader = TraceReader.open(path)) {
      reader.read(visitor);
    }
    return visitor;
  }
}
