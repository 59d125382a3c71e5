package dev.bts.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.TraceFormatException;
import dev.bts.api.record.BranchRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A small trace file with one byte changed, whichever: what was written is read, or damage told.
 */
class TraceCorruptionTest {
  private static final List<List<Object>> CHUNKS =
      List.of(
          List.of(new BranchRecord(0x1000, 0x2000, 0, 7), new BranchRecord(0x2004, 0x1000, 0, 7)),
          List.of(new BranchRecord(0x3000, 0x4000, 0, 8)));

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0x01, 0x80, 0xff})
  void anyChangedByteIsFoundOrHarmless(int change) throws IOException {
    List<Object> written = CHUNKS.stream().flatMap(List::stream).toList();
    byte[] intact = TraceFiles.write(CHUNKS, TraceFiles.impatientClock());
    for (int at = 0; at < intact.length; at++) {
      byte[] changed = intact.clone();
      changed[at] ^= (byte) change;
      try {
        CollectingVisitor read = TraceFiles.read(TraceFiles.file(directory, changed));
        assertThat(written).as("byte " + at).containsAll(read.items);
        assertThat(read.items.equals(written) || !read.damage.isEmpty()).as("byte " + at).isTrue();
      } catch (TraceFormatException refused) {
        assertThat(refused).as("byte " + at).hasMessageContaining(": ");
      }
    }
  }

  @Test
  void anyLengthIsReadAsFarAsItGoes() throws IOException {
    List<Object> written = CHUNKS.stream().flatMap(List::stream).toList();
    byte[] intact = TraceFiles.write(CHUNKS, TraceFiles.impatientClock());
    for (int length = 0; length < intact.length; length++) {
      try {
        byte[] cut = java.util.Arrays.copyOf(intact, length);
        CollectingVisitor read = TraceFiles.read(TraceFiles.file(directory, cut));
        assertThat(written.subList(0, read.items.size())).isEqualTo(read.items);
        assertThat(read.items.equals(written) || !read.damage.isEmpty()).as("" + length).isTrue();
      } catch (TraceFormatException refused) {
        assertThat(refused).as("length " + length).hasMessageContaining(": ");
      }
    }
  }
}
