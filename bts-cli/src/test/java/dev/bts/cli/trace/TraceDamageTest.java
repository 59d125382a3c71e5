package dev.bts.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.TraceFormatException;
import dev.bts.api.record.BranchRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every intact block of a damaged file is read, and what is missing is counted. */
class TraceDamageTest {
  private static final int CHUNKS = 12;

  @TempDir Path directory;

  /** One chunk is one stream block. */
  private final List<List<Object>> chunks = new ArrayList<>();

  private byte[] intact = {};
  private List<PlacedBlock> blocks = List.of();

  @BeforeEach
  void writeFile() throws IOException {
    RandomTrace trace = new RandomTrace(21);
    while (chunks.size() < CHUNKS) {
      List<Object> chunk = trace.chunk(6);
      // Long strings would only make the file larger.
      if (chunk.toString().length() < 800) {
        List<Object> marked = new ArrayList<>(chunk);
        if (chunk.get(0) instanceof BranchRecord) {
          // No block may look like the start of another.
          marked.set(0, new BranchRecord(chunks.size(), 0, 0, 1));
        }
        chunks.add(marked);
      }
    }
    intact = TraceFiles.write(chunks, TraceFiles.impatientClock());
    try (TraceReader reader = TraceReader.open(TraceFiles.file(directory, intact))) {
      blocks = reader.blocks();
      assertThat(streamBlocks()).hasSize(CHUNKS);
    }
  }

  private List<PlacedBlock> streamBlocks() {
    return blocks.stream().filter(b -> b.head().kind() == BlockKind.STREAM).toList();
  }

  private static long records(List<?> items) {
    return items.stream().filter(BranchRecord.class::isInstance).count();
  }

  private long totalRecords() {
    return chunks.stream().mapToLong(TraceDamageTest::records).sum();
  }

  private long totalItems() {
    return chunks.stream().mapToLong(List::size).sum();
  }

  /** Returns the items of the stream blocks that pass. */
  private List<Object> itemsWhere(java.util.function.IntPredicate block) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      if (block.test(i)) {
        items.addAll(chunks.get(i));
      }
    }
    return items;
  }

  private CollectingVisitor read(byte[] bytes) throws IOException {
    return TraceFiles.read(TraceFiles.file(directory, bytes));
  }

  /** What was read plus what is said to be missing must be what was written. */
  private void assertAccountedFor(CollectingVisitor read, String replay) {
    boolean unknown = read.damage.stream().anyMatch(d -> d.records() == Damage.UNKNOWN);
    long missing = read.damage.stream().mapToLong(d -> Math.max(0, d.records())).sum();
    long missingEvents = read.damage.stream().mapToLong(d -> Math.max(0, d.events())).sum();
    if (unknown) {
      assertThat(records(read.items) + missing).as(replay).isLessThanOrEqualTo(totalRecords());
    } else {
      assertThat(records(read.items) + missing).as(replay).isEqualTo(totalRecords());
      assertThat(read.items.size() + missing + missingEvents).as(replay).isEqualTo(totalItems());
    }
  }

  /** What was read must be whole blocks in their order. */
  private void assertWholeBlocks(List<Object> items, String replay) {
    int at = 0;
    for (List<Object> chunk : chunks) {
      int end = at + chunk.size();
      if (end <= items.size() && items.subList(at, end).equals(chunk)) {
        at = end;
      }
    }
    assertThat(at).as(replay).isEqualTo(items.size());
  }

  @Test
  void aFileCutAtAnyByteYieldsAllBlocksBeforeTheCut() throws IOException {
    for (int length = 0; length < intact.length; length++) {
      byte[] cut = Arrays.copyOf(intact, length);
      if (length < BlockLayout.PREAMBLE_BYTES) {
        assertThatThrownBy(() -> read(cut))
            .isInstanceOf(TraceFormatException.class)
            .hasMessageContaining("too few for a trace file");
        continue;
      }
      long end = length;

      CollectingVisitor read = read(cut);

      assertThat(read.items)
          .as("cut at %d", length)
          .isEqualTo(itemsWhere(i -> streamBlocks().get(i).end() <= end));
      assertThat(read.damage).as("cut at %d", length).isNotEmpty();
      assertThat(read.damage.get(read.damage.size() - 1).reason()).contains("no footer");
      assertAccountedFor(read, "cut at " + length);
    }
  }

  @Test
  void aBlockWithADamagedPayloadIsMissingExactly() throws IOException {
    for (int i = 0; i < CHUNKS; i++) {
      PlacedBlock block = streamBlocks().get(i);
      byte[] bytes = intact.clone();
      bytes[(int) block.end() - 1] ^= 0x10;
      int damaged = i;

      CollectingVisitor read = read(bytes);

      assertThat(read.items).isEqualTo(itemsWhere(b -> b != damaged));
      assertThat(read.damage)
          .containsExactly(
              new Damage(
                  block.position(),
                  block.end(),
                  block.head().records(),
                  block.head().events(),
                  "block "
                      + block.head().sequence()
                      + " is damaged: the checksum of the block's payload is wrong"));
    }
  }

  @Test
  void aBlockWithADamagedHeadIsMissingExactly() throws IOException {
    for (int i = 0; i < CHUNKS; i++) {
      PlacedBlock block = streamBlocks().get(i);
      byte[] bytes = intact.clone();
      bytes[(int) block.position() + BlockLayout.SEQUENCE_OFFSET] ^= 1;
      int damaged = i;

      CollectingVisitor read = read(bytes);

      assertThat(read.items).isEqualTo(itemsWhere(b -> b != damaged));
      assertThat(read.damage)
          .containsExactly(
              new Damage(
                  block.position(),
                  block.end(),
                  block.head().records(),
                  block.head().events(),
                  "block " + block.head().sequence() + " is lost"));
    }
  }

  @Test
  void exchangedBlocksAreReadInTheirOrder() throws IOException {
    for (int i = 1; i < CHUNKS - 1; i++) {
      PlacedBlock first = streamBlocks().get(i);
      PlacedBlock second = streamBlocks().get(i + 1);
      byte[] bytes = intact.clone();
      int at = (int) first.position();
      int firstBytes = (int) first.head().bytes();
      int secondBytes = (int) second.head().bytes();
      System.arraycopy(intact, (int) second.position(), bytes, at, secondBytes);
      System.arraycopy(intact, (int) first.position(), bytes, at + secondBytes, firstBytes);

      CollectingVisitor read = read(bytes);

      assertThat(read.items).isEqualTo(itemsWhere(b -> true));
      assertThat(read.damage).isNotEmpty().allMatch(d -> d.records() == 0 && d.events() == 0);
      assertThat(read.damage.get(0).reason()).contains("now stands at");
    }
  }

  @Test
  void insertedAndDeletedBytesCostOnlyTheBlockTheyHit() throws IOException {
    for (int i = 0; i < CHUNKS; i++) {
      int hit = i;
      int at = (int) streamBlocks().get(i).end() - 2;
      byte[] inserted = new byte[intact.length + 3];
      System.arraycopy(intact, 0, inserted, 0, at);
      System.arraycopy(intact, at, inserted, at + 3, intact.length - at);
      byte[] deleted = new byte[intact.length - 2];
      System.arraycopy(intact, 0, deleted, 0, at);
      System.arraycopy(intact, at + 2, deleted, at, intact.length - at - 2);

      for (byte[] bytes : List.of(inserted, deleted)) {
        CollectingVisitor read = read(bytes);
        assertThat(read.items).isEqualTo(itemsWhere(b -> b != hit));
        assertAccountedFor(read, "block " + i);
      }
    }
  }

  @Test
  void aDamagedPreambleCostsNothing() throws IOException {
    byte[] bytes = intact.clone();
    bytes[1] ^= 1;

    CollectingVisitor read = read(bytes);

    assertThat(read.items).isEqualTo(itemsWhere(b -> true));
  }

  @Test
  void aDamagedIndexCostsNothing() throws IOException {
    byte[] bytes = intact.clone();
    bytes[(int) blocks.get(blocks.size() - 1).end() - 1] ^= 1;

    try (TraceReader reader = TraceReader.open(TraceFiles.file(directory, bytes))) {
      CollectingVisitor read = new CollectingVisitor();
      reader.read(read);
      assertThat(read.items).isEqualTo(itemsWhere(b -> true));
      assertThat(reader.damage()).hasSize(1);
      assertThat(reader.damage().get(0).reason()).contains("index is damaged");
    }
  }

  @ParameterizedTest(name = "seed {0}; replay with -Dtest=TraceDamageTest")
  @ValueSource(longs = {31, 32, 33, 34})
  void randomDamageNeverYieldsAnythingThatWasNotWritten(long seed) throws IOException {
    Random random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      byte[] bytes = intact.clone();
      int hits = 1 + random.nextInt(3);
      for (int hit = 0; hit < hits; hit++) {
        damage(bytes, random);
      }
      String replay = "seed " + seed + ", round " + round;

      CollectingVisitor read = read(bytes);

      assertWholeBlocks(read.items, replay);
      assertAccountedFor(read, replay);
      if (!Arrays.equals(bytes, intact) && read.items.size() < totalItems()) {
        assertThat(read.damage).as(replay).isNotEmpty();
      }
    }
  }

  private void damage(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    int length = Math.min(bytes.length - at, 1 + random.nextInt(300));
    switch (random.nextInt(4)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> Arrays.fill(bytes, at, at + length, (byte) 0);
      case 2 -> {
        int from = random.nextInt(bytes.length - length + 1);
        System.arraycopy(intact, from, bytes, at, length);
      }
      default -> {
        for (int i = at; i < at + length; i++) {
          bytes[i] = (byte) random.nextInt();
        }
      }
    }
  }

  @Test
  void blocksOfAnotherTraceAreNotMixedIn() throws IOException {
    byte[] other = TraceFiles.write(chunks, TraceFiles.impatientClock());
    byte[] both = Arrays.copyOf(intact, intact.length + other.length);
    System.arraycopy(other, 0, both, intact.length, other.length);

    CollectingVisitor read = read(both);

    assertThat(read.items).isEqualTo(itemsWhere(b -> true));
    assertThat(read.damage).isNotEmpty();
  }

  @Test
  void aFileOfSomethingElseIsRefused() {
    assertThatThrownBy(
            () -> read("#!/bin/sh\necho this is no trace\n".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("does not start as a trace file does")
        .hasMessageContaining("bts record -o");
  }

  @Test
  void aLaterFormatVersionIsRefused() {
    byte[] bytes = intact.clone();
    java.nio.ByteBuffer buffer =
        java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(BlockLayout.PREAMBLE_VERSION_OFFSET, 2);
    buffer.putInt(
        BlockLayout.PREAMBLE_CRC_OFFSET, Checksum.of(buffer, 0, BlockLayout.PREAMBLE_CRC_OFFSET));

    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("format version is 2");
  }
}
