package dev.bts.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bts.api.Mechanism;
import dev.bts.api.record.BranchRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks with right checksums and wrong content: whoever made the file meant harm. */
class HostileBlockTest {
  @TempDir Path directory;

  private Path file(ByteSink content, int records, int events) throws IOException {
    return TraceFiles.file(directory, TraceFiles.withBlock(content, records, events));
  }

  private static ByteSink content(byte[]... columns) {
    ByteSink sink = new ByteSink(100);
    for (byte[] column : columns) {
      sink.putUnsigned(column.length);
    }
    for (byte[] column : columns) {
      sink.putBytes(column, 0, column.length);
    }
    return sink;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private void assertDamaged(Path file, String reason) {
    CollectingVisitor read = TraceFiles.read(file);
    assertThat(read.items).isEmpty();
    assertThat(read.damage).hasSize(1);
    assertThat(read.damage.get(0).reason()).contains(reason);
  }

  @Test
  void aPredictionOutOfNothingIsRefused() throws IOException {
    ByteSink content =
        content(bytes(2), bytes(1, 1), bytes(1), bytes(), bytes(), bytes(), bytes(0, 1), bytes());

    assertDamaged(file(content, 1, 0), "relies on a prediction where there is none");
  }

  @Test
  void anEdgeThatIsNotKnownIsRefused() throws IOException {
    ByteSink content =
        content(
            bytes(2), bytes(1, 1), bytes(0, 0), bytes(9), bytes(), bytes(), bytes(0, 1), bytes());

    assertDamaged(file(content, 1, 0), "a count is 9");
  }

  @Test
  void aThreadThatIsNotListedIsRefused() throws IOException {
    ByteSink content =
        content(
            bytes(2), bytes(2, 1), bytes(0, 0), bytes(0), bytes(2), bytes(2), bytes(0, 1), bytes());

    assertDamaged(file(content, 1, 0), "a count is 2");
  }

  @Test
  void fewerRecordsThanTheHeadSaysAreRefused() throws IOException {
    ByteSink content =
        content(
            bytes(2), bytes(1, 1), bytes(0, 0), bytes(0), bytes(2), bytes(2), bytes(0, 1), bytes());

    assertDamaged(file(content, 1000, 0), "does not hold as many records");
  }

  @Test
  void aColumnLongerThanTheBlockIsRefused() throws IOException {
    ByteSink content = new ByteSink(20);
    for (int i = 0; i < StreamColumn.COUNT; i++) {
      content.putUnsigned(3);
    }

    assertDamaged(file(content, 1, 0), "columns are longer than the block");
  }

  @Test
  void aNumberWithoutEndIsRefused() throws IOException {
    byte[] endless = new byte[20];
    java.util.Arrays.fill(endless, (byte) 0xFF);
    ByteSink content =
        content(endless, bytes(), bytes(), bytes(), bytes(), bytes(), bytes(), bytes());

    assertDamaged(file(content, 0, 1), "more than 64 bits");
  }

  @Test
  void aStringLongerThanItsColumnIsRefused() throws IOException {
    ByteSink content =
        content(
            bytes(),
            bytes(0),
            bytes(0),
            bytes(),
            bytes(),
            bytes(),
            bytes(),
            bytes(EventCode.EXEC, 2, 2, 2, 100, 'x'));

    assertDamaged(file(content, 0, 1), "a string runs over the end");
  }

  @Test
  void anUnknownEventIsRefused() throws IOException {
    ByteSink content =
        content(bytes(), bytes(0), bytes(0), bytes(), bytes(), bytes(), bytes(), bytes(99, 2, 2));

    assertDamaged(file(content, 0, 1), "no side event has the code 99");
  }

  @Test
  void leftoversAreRefused() throws IOException {
    ByteSink content =
        content(
            bytes(),
            bytes(0),
            bytes(0),
            bytes(),
            bytes(1),
            bytes(),
            bytes(),
            bytes(EventCode.SIGNALLED, 2, 2, 2));

    assertDamaged(file(content, 0, 1), "1 bytes too many");
  }

  @ParameterizedTest(name = "seed {0}; replay with -Dtest=HostileBlockTest")
  @ValueSource(longs = {1, 2, 3, 4})
  void randomContentIsRefusedOrReadButNeverBreaksTheReader(long seed) throws IOException {
    RandomTrace trace = new RandomTrace(seed);
    StreamEncoder encoder = new StreamEncoder(0);
    for (int i = 0; i < 50; i++) {
      encoder.branches(new ListCursor(List.of(trace.record(), trace.record())));
      encoder.event(trace.event());
    }
    ByteSink intact = new ByteSink(100);
    encoder.finish(intact);
    Random random = new Random(seed);
    int refused = 0;
    for (int round = 0; round < 200; round++) {
      ByteSink content = new ByteSink(100);
      content.putAll(intact);
      for (int hit = 0; hit < 2; hit++) {
        content.array()[random.nextInt(content.size())] = (byte) random.nextInt();
      }
      CollectingVisitor read = TraceFiles.read(file(content, encoder.records(), encoder.events()));
      if (!read.damage.isEmpty()) {
        refused++;
        assertThat(read.items).as("round " + round).isEmpty();
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void theIntactFormOfTheseBlocksIsRead() throws IOException {
    // Guards the tests above: what they damage must be right.
    ByteSink content =
        content(
            bytes(2), bytes(1, 1), bytes(0, 0), bytes(0), bytes(2), bytes(2), bytes(0, 1), bytes());

    CollectingVisitor read = TraceFiles.read(file(content, 1, 0));

    assertThat(read.damage).isEmpty();
    assertThat(read.items).containsExactly(new BranchRecord(1, 2, 0, 1));
  }

  @Test
  void aHeaderThatNamesAnUnknownMechanismIsDamageAndNotAFailure() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Compression compression = new Compression()) {
      BlockWriter blocks = new BlockWriter(Channels.newChannel(bytes), compression, 1);
      blocks.preamble();
      ByteSink header = new ByteSink(100);
      header.putString("bts");
      header.putString(Mechanism.SINGLE_STEP.label() + "!");
      blocks.write(BlockKind.HEADER, header, 0);
      blocks.finish(dev.bts.api.Fidelity.COMPLETE, 0);
    }
    try (TraceReader reader = TraceReader.open(TraceFiles.file(directory, bytes.toByteArray()))) {
      assertThat(reader.header()).isEmpty();
      assertThat(reader.damage()).singleElement().asString().contains("no mechanism is called");
    }
  }
}
