package dev.bts.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How large files become, and that memory does not grow with them. */
class TraceSizeTest {
  @TempDir Path directory;

  /** Counts records and mixes them into a checksum that depends on their order. */
  private static class Mixing implements TraceVisitor {
    long records;
    long mix;

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        records++;
        mix = mix * 31 + (cursor.from() ^ Long.rotateLeft(cursor.to(), 7) ^ cursor.tid());
      }
    }

    @Override
    public void event(SideEvent event) {}
  }

  private Mixing write(long seed, long branches) {
    Mixing written = new Mixing();
    try (TraceWriter writer = TraceWriter.create(directory.resolve("x.bts"))) {
      writer.begin(TraceFiles.HEADER);
      TraceSink both =
          new TraceSink() {
            @Override
            public void branches(BranchCursor cursor) {
              writer.branches(new Tee(cursor, written));
            }

            @Override
            public void event(SideEvent event) {}
          };
      new SyntheticProgram(seed, both).run(branches);
    }
    return written;
  }

  /** Mixes what passes through. */
  private record Tee(BranchCursor cursor, Mixing mixing) implements BranchCursor {
    @Override
    public boolean next() {
      boolean more = cursor.next();
      if (more) {
        mixing.records++;
        mixing.mix = mixing.mix * 31 + (from() ^ Long.rotateLeft(to(), 7) ^ tid());
      }
      return more;
    }

    @Override
    public long from() {
      return cursor.from();
    }

    @Override
    public long to() {
      return cursor.to();
    }

    @Override
    public int flags() {
      return cursor.flags();
    }

    @Override
    public int tid() {
      return cursor.tid();
    }
  }

  private void assertReadsBack(Mixing written) {
    Mixing read = new Mixing();
    try (TraceReader reader = TraceReader.open(directory.resolve("x.bts"))) {
      reader.read(read);
      assertThat(reader.damage()).isEmpty();
    }
    assertThat(read.records).isEqualTo(written.records);
    assertThat(read.mix).isEqualTo(written.mix);
  }

  @Test
  void aShortRunTakesLessThanOneByteABranch() throws IOException {
    Mixing written = write(1, 12_000);

    assertThat(Files.size(directory.resolve("x.bts"))).isLessThan(12_000);
    assertReadsBack(written);
  }

  @Test
  void aLongRunTakesLessThanHalfAByteABranch() throws IOException {
    Mixing written = write(2, 3_000_000);

    assertThat(Files.size(directory.resolve("x.bts"))).isLessThan(1_500_000);
    assertReadsBack(written);
  }

  @Test
  @Tag("slow")
  void memoryDoesNotGrowWithTheTrace() throws IOException, InterruptedException {
    // A virtual machine of 64 MiB writes and reads 100 million branches: 2.4 GB as BTS records.
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                LongTrace.class.getName(),
                directory.resolve("long.bts").toString(),
                "100000000")
            .inheritIO()
            .start();

    assertThat(process.waitFor()).isZero();
  }

  /** Writes and reads a long trace; fails by an exception. */
  static final class LongTrace {
    private LongTrace() {}

    public static void main(String[] arguments) {
      Path file = Path.of(arguments[0]);
      long branches = Long.parseLong(arguments[1]);
      try (TraceWriter writer = TraceWriter.create(file)) {
        writer.begin(TraceFiles.HEADER);
        new SyntheticProgram(3, writer).run(branches);
      }
      Mixing read = new Mixing();
      try (TraceReader reader = TraceReader.open(file)) {
        reader.read(read);
      }
      if (read.records != branches) {
        throw new IllegalStateException("read " + read.records + " of " + branches);
      }
    }
  }
}
