package dev.bts.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file written when format version 1 was new must be read for ever. */
class GoldenFileTest {
  static final long SEED = 2026;
  static final int CHUNKS = 60;

  @TempDir Path directory;

  static List<List<Object>> chunks() {
    RandomTrace trace = new RandomTrace(SEED);
    List<List<Object>> chunks = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      chunks.add(trace.chunk(20));
    }
    return chunks;
  }

  @Test
  void aFileOfVersion1IsRead() throws IOException {
    byte[] golden;
    try (InputStream in = GoldenFileTest.class.getResourceAsStream("data/version-1.golden")) {
      golden = Objects.requireNonNull(in, "version-1.golden is missing").readAllBytes();
    }

    try (TraceReader reader = TraceReader.open(TraceFiles.file(directory, golden))) {
      CollectingVisitor read = new CollectingVisitor();
      reader.read(read);
      assertThat(reader.damage()).isEmpty();
      assertThat(reader.header()).contains(TraceFiles.HEADER);
      assertThat(read.items).isEqualTo(chunks().stream().flatMap(List::stream).toList());
    }
  }
}
