package dev.bts.cli.perfdata;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordQueueTest {
  private static final int HEADER = 8;

  private record Entry(long time, int number) {}

  private final List<Entry> taken = new ArrayList<>();
  private final PerfRecordView view = new PerfRecordView();

  private RecordQueue queue(int bytesMax) {
    return new RecordQueue(
        bytesMax,
        (record, time) ->
            taken.add(new Entry(time, record.bytes().getInt(record.offset() + HEADER))));
  }

  private void add(RecordQueue queue, Entry entry) {
    int size = HEADER + Integer.BYTES + entry.number % 5;
    ByteBuffer record = PerfDataBuilder.buffer(size).putInt(HEADER, entry.number);
    queue.add(entry.time, view.wrap(record, 0, size));
  }

  /** Rings are sorted and rounds overlap by one, as perf writes them. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void roundsOfManyRingsComeOutByTimeAndEqualTimesAsTheyCame(long seed) {
    Random random = new Random(seed);
    RecordQueue queue = queue(1 << 20);
    List<Entry> all = new ArrayList<>();
    for (int round = 0; round < 40; round++) {
      for (int ring = 0; ring < 1 + random.nextInt(4); ring++) {
        long time = 1000L * round;
        for (int i = random.nextInt(30); i > 0; i--) {
          // Not older than what was there when the round before the last ended.
          time = Math.min(time + random.nextInt(60), 1000L * round + 999);
          Entry entry = new Entry(time, all.size());
          all.add(entry);
          add(queue, entry);
        }
      }
      queue.endRound();
    }
    queue.finish();

    all.sort(Comparator.comparingLong(Entry::time));
    assertThat(taken).isEqualTo(all);
    assertThat(queue.outOfOrder()).isFalse();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void withoutRoundsMemoryIsBoundedAndNothingIsLost(long seed) {
    Random random = new Random(seed);
    RecordQueue queue = queue(4096);
    for (int i = 0; i < 10_000; i++) {
      add(queue, new Entry(random.nextInt(1 << 20), i));
    }
    queue.finish();

    assertThat(taken.stream().map(Entry::number).sorted().toList())
        .isEqualTo(java.util.stream.IntStream.range(0, 10_000).boxed().toList());
    assertThat(queue.outOfOrder()).isTrue();
  }

  /** Small records cost more than their bytes; and what comes in order needs no room to be so. */
  @Test
  void theBoundCountsWhatARecordCostsBesideItsBytes() {
    RecordQueue queue = queue(4096);
    for (int i = 0; i < 200; i++) {
      add(queue, new Entry(i, i));
    }
    assertThat(taken).hasSizeBetween(50, 150);
    queue.finish();
    assertThat(taken).hasSize(200).isSortedAccordingTo(Comparator.comparingLong(Entry::time));
    assertThat(queue.outOfOrder()).isFalse();
  }
}
