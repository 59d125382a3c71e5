package dev.bts.api.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.Overflow;
import dev.bts.api.contract.RecordingSink;
import dev.bts.api.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamLogTest {
  private static final int TID = 1;

  private static BranchBuffer buffer(int records, Overflow overflow) {
    return new BranchBuffer(ByteBuffer.allocate(records * Bts24.RECORD_BYTES), overflow, 0);
  }

  private static SideEvent event(long number) {
    return new SideEvent.Signalled(TID, 0, (int) number);
  }

  /** Returns the stream as words: b for a branch, e for an event, L for so many lost in a row. */
  private static List<String> words(List<RecordingSink.Item> items) {
    List<String> words = new ArrayList<>();
    long lost = 0;
    for (RecordingSink.Item item : items) {
      if (item instanceof RecordingSink.Item.Event e
          && e.event() instanceof SideEvent.Lost missing) {
        lost += missing.count();
        continue;
      }
      if (lost > 0) {
        words.add("L" + lost);
        lost = 0;
      }
      if (item instanceof RecordingSink.Item.Branch b) {
        words.add("b" + b.record().from());
      } else if (item instanceof RecordingSink.Item.Event e) {
        words.add("e" + ((SideEvent.Signalled) e.event()).signal());
      }
    }
    if (lost > 0) {
      words.add("L" + lost);
    }
    return words;
  }

  private static List<String> drain(StreamLog log) {
    RecordingSink sink = new RecordingSink();
    long handed = log.drainTo(sink);
    assertThat(handed).isEqualTo(sink.branches().size());
    return words(sink.items());
  }

  private static void append(StreamLog log, BranchBuffer buffer, long number) {
    log.append(buffer, number, 0, 0, TID);
  }

  /** Returns a sink that takes branches but no side event. */
  private static TraceSink failing() {
    return new TraceSink() {
      @Override
      public void branches(BranchCursor cursor) {}

      @Override
      public void event(SideEvent event) {
        throw new IllegalStateException("full");
      }
    };
  }

  /** A stream that is a plain list, and its buffers only numbers. */
  private static final class Model {
    /** One entry: a branch with its buffer, an event, or a record that is missing. */
    private record Entry(String word, int buffer) {}

    private static final int NO_BUFFER = -1;
    private static final String LOST = "L";

    private final List<Entry> entries = new ArrayList<>();
    private long lost;

    void branch(int buffer, long number, int capacity, Overflow overflow) {
      long held = entries.stream().filter(e -> e.buffer == buffer).count();
      if (held < capacity) {
        entries.add(new Entry("b" + number, buffer));
        return;
      }
      lost++;
      if (overflow == Overflow.WRAP) {
        for (int i = 0; i < entries.size(); i++) {
          if (entries.get(i).buffer == buffer) {
            entries.set(i, new Entry(LOST, NO_BUFFER));
            break;
          }
        }
        entries.add(new Entry("b" + number, buffer));
      } else {
        entries.add(new Entry(LOST, NO_BUFFER));
      }
    }

    void event(long number) {
      entries.add(new Entry("e" + number, NO_BUFFER));
    }

    void lose() {
      lost++;
      entries.add(new Entry(LOST, NO_BUFFER));
    }

    void discard(int buffer) {
      entries.removeIf(e -> e.buffer == buffer);
    }

    List<String> branches() {
      return entries.stream().filter(e -> e.buffer != NO_BUFFER).map(Entry::word).toList();
    }

    List<String> words() {
      List<String> words = new ArrayList<>();
      int missing = 0;
      for (Entry entry : entries) {
        if (entry.word.equals(LOST)) {
          missing++;
          continue;
        }
        if (missing > 0) {
          words.add(LOST + missing);
          missing = 0;
        }
        words.add(entry.word);
      }
      if (missing > 0) {
        words.add(LOST + missing);
      }
      return words;
    }
  }

  @Test
  void isTheStreamThatAPlainListWouldBe() {
    Seeds.forEach(StreamLogTest.class, "bts-api", 100, StreamLogTest::compareWithModel);
  }

  private static void compareWithModel(long seed) {
    Random random = Seeds.random(seed);
    Overflow overflow = random.nextBoolean() ? Overflow.WRAP : Overflow.STOP;
    int[] capacities = {1 + random.nextInt(8), 1 + random.nextInt(8)};
    BranchBuffer[] buffers = {buffer(capacities[0], overflow), buffer(capacities[1], overflow)};
    StreamLog log = new StreamLog(() -> 0);
    Model model = new Model();
    for (int step = 0; step < 400; step++) {
      int b = random.nextInt(2);
      switch (random.nextInt(30)) {
        case 0 -> {
          assertThat(drain(log)).isEqualTo(model.words());
          model.entries.clear();
        }
        case 1 -> {
          log.clear();
          model.discard(0);
          model.discard(1);
        }
        case 2 -> {
          log.discard(buffers[b]);
          buffers[b] = buffer(capacities[b], overflow);
          model.discard(b);
        }
        case 3, 4, 5 -> {
          log.event(event(step));
          model.event(step);
        }
        case 6 -> {
          log.lose(TID, "test");
          model.lose();
        }
        default -> {
          append(log, buffers[b], step);
          model.branch(b, step, capacities[b], overflow);
        }
      }
      List<String> branches = model.branches();
      assertThat(log.size()).isEqualTo(branches.size());
      assertThat(log.lost()).isEqualTo(model.lost);
      for (int i = 0; i < branches.size(); i++) {
        assertThat("b" + log.get(i).from()).isEqualTo(branches.get(branches.size() - 1 - i));
      }
    }
    assertThat(drain(log)).isEqualTo(model.words());
  }

  @Test
  void compactingChangesNothingButTheNumberOfGaps() {
    StreamLog log = new StreamLog(() -> 0);
    BranchBuffer idle = buffer(2, Overflow.WRAP);
    BranchBuffer[] busy = {buffer(3, Overflow.WRAP), buffer(3, Overflow.WRAP)};
    append(log, idle, -1);
    log.event(event(7));
    int branches = 50_000;
    for (int i = 0; i < branches; i++) {
      append(log, busy[i % 2], i);
    }
    RecordingSink sink = new RecordingSink();
    log.drainTo(sink);
    assertThat(sink.events(SideEvent.Lost.class)).hasSizeLessThan(10_000);
    assertThat(words(sink.items()))
        .containsExactly(
            "b-1",
            "e7",
            "L" + (branches - 6),
            "b" + (branches - 6),
            "b" + (branches - 5),
            "b" + (branches - 4),
            "b" + (branches - 3),
            "b" + (branches - 2),
            "b" + (branches - 1));
  }

  @Test
  void schedulingThatNobodyDrainsGoesWithTheRecordsAroundIt() {
    StreamLog log = new StreamLog(() -> 0);
    BranchBuffer buffer = buffer(3, Overflow.WRAP);
    for (int i = 0; i < 100_000; i++) {
      log.event(new SideEvent.Arrived(TID, i, 0));
      append(log, buffer, i);
      log.event(new SideEvent.Departed(TID, i, 0));
    }
    assertThat(log.events()).isLessThan(20_000);
    RecordingSink sink = new RecordingSink();
    log.drainTo(sink);
    assertThat(sink.lost()).isEqualTo(log.lost()).isEqualTo(100_000 - 3);
    assertThat(sink.branches()).hasSize(3);
  }

  @Test
  void sideEventsAreBoundedAndTheStreamSaysSo() {
    StreamLog log = new StreamLog(() -> 0);
    for (int i = 0; i < StreamLog.MAX_EVENTS + 5; i++) {
      log.event(event(i));
    }
    RecordingSink sink = new RecordingSink();
    log.drainTo(sink);
    assertThat(sink.events(SideEvent.Signalled.class)).hasSize(StreamLog.MAX_EVENTS);
    assertThat(sink.events(SideEvent.Lost.class))
        .singleElement()
        .satisfies(lost -> assertThat(lost.reason()).contains("side events"));
    assertThat(log.lost()).isZero();
  }

  @Test
  void recordsThatAreGivenUpAreLostAndThoseOfADiscardedBufferAreNot() {
    StreamLog log = new StreamLog(() -> 0);
    BranchBuffer first = buffer(3, Overflow.WRAP);
    BranchBuffer second = buffer(3, Overflow.WRAP);
    append(log, first, 1);
    append(log, second, 2);
    append(log, first, 3);
    log.giveUp(first);
    log.giveUp(first);
    assertThat(log.lost()).isEqualTo(2);
    assertThat(drain(log)).containsExactly("L1", "b2", "L1");
    append(log, second, 4);
    log.discard(second);
    assertThat(drain(log)).isEmpty();
    assertThat(log.lost()).isEqualTo(2);
  }

  @Test
  void whatASinkWasNotAskedToTakeStaysWhenItThrows() {
    StreamLog log = new StreamLog(() -> 0);
    BranchBuffer buffer = buffer(5, Overflow.STOP);
    append(log, buffer, 1);
    append(log, buffer, 2);
    log.event(event(3));
    append(log, buffer, 4);
    assertThatThrownBy(() -> log.drainTo(failing())).hasMessage("full");
    assertThat(log.size()).isEqualTo(1);
    assertThat(log.get(0)).isEqualTo(new BranchRecord(4, 0, 0, TID));
    assertThat(drain(log)).containsExactly("b4");
  }

  @Test
  void whatWasHandedOverBeforeASinkFailedIsNotMissedWhenItIsOverwritten() {
    StreamLog log = new StreamLog(() -> 0);
    BranchBuffer buffer = buffer(3, Overflow.WRAP);
    append(log, buffer, 1);
    append(log, buffer, 2);
    log.event(event(3));
    append(log, buffer, 4);
    assertThatThrownBy(() -> log.drainTo(failing())).hasMessage("full");
    for (int i = 5; i < 8; i++) {
      append(log, buffer, i);
    }
    assertThat(log.size()).isEqualTo(3);
    assertThat(log.lost()).isEqualTo(1);
    assertThat(drain(log)).containsExactly("L1", "b5", "b6", "b7");
  }

  @Test
  void aSealedBufferKeepsItsPlaceInTheStream() {
    StreamLog log = new StreamLog(() -> 0);
    BranchBuffer first = buffer(2, Overflow.WRAP);
    BranchBuffer second = buffer(2, Overflow.WRAP);
    append(log, first, 1);
    append(log, second, 2);
    append(log, first, 3);
    append(log, first, 4);
    first.seal();
    append(log, second, 5);
    assertThat(log.get(1)).isEqualTo(new BranchRecord(4, 0, 0, TID));
    assertThatThrownBy(() -> append(log, first, 6)).isInstanceOf(IllegalStateException.class);
    assertThat(drain(log)).containsExactly("L1", "b2", "b3", "b4", "b5");
    assertThat(log.size()).isZero();
  }

  /** Some branches that lie in no buffer of the log. */
  private static BranchRun run(long first, int count) {
    BranchBuffer elsewhere = buffer(count, Overflow.STOP);
    for (int i = 0; i < count; i++) {
      elsewhere.append(first + i, 0, 0, TID);
    }
    BranchCursor cursor = elsewhere.cursor();
    return new BranchRun() {
      @Override
      public long atLeast() {
        return count;
      }

      @Override
      public long skip() {
        while (cursor.next()) {
          assertThat(cursor.from()).isGreaterThanOrEqualTo(first);
        }
        return count;
      }

      @Override
      public boolean next() {
        return cursor.next();
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
    };
  }

  @Test
  void branchesThatPassComeBehindWhatWaitsAndCount() {
    BranchBuffer buffer = buffer(4, Overflow.DRAIN);
    StreamLog log = new StreamLog(() -> 0);
    append(log, buffer, 1);
    log.event(event(2));
    append(log, buffer, 3);
    RecordingSink sink = new RecordingSink();
    log.pass(run(4, 3), sink);
    assertThat(words(sink.items())).containsExactly("b1", "e2", "b3", "b4", "b5", "b6");
    assertThat(log.appended()).isEqualTo(5);
    assertThat(log.size()).isZero();
    append(log, buffer, 7);
    assertThat(drain(log)).containsExactly("b7");
  }

  @Test
  void branchesThatPassCountAlsoIfTheSinkFails() {
    StreamLog log = new StreamLog(() -> 0);
    TraceSink failing =
        new TraceSink() {
          @Override
          public void branches(BranchCursor cursor) {
            throw new IllegalStateException("full");
          }

          @Override
          public void event(SideEvent event) {
            throw new AssertionError(event);
          }
        };
    assertThatThrownBy(() -> log.pass(run(1, 3), failing)).hasMessage("full");
    assertThat(log.appended()).isEqualTo(3);
  }

  /** Branches recorded in a row leave the same stream, at the same thresholds, as one by one. */
  @Test
  void branchesInARowAreRecordedAsOneByOne() {
    Seeds.forEach(
        StreamLogTest.class,
        "bts-api",
        200,
        seed -> {
          Random random = Seeds.random(seed);
          List<Overflow> choices = List.of(Overflow.values());
          Overflow overflow = choices.get(random.nextInt(choices.size()));
          int records = 1 + random.nextInt(20);
          int free = random.nextInt(records);
          ByteBuffer memory = ByteBuffer.allocateDirect(records * Bts24.RECORD_BYTES);
          BranchBuffer single =
              new BranchBuffer(ByteBuffer.allocate(memory.capacity()), overflow, free);
          BranchBuffer batched = new BranchBuffer(memory, overflow, free);
          StreamLog expected = new StreamLog(() -> 0);
          StreamLog actual = new StreamLog(() -> 0);
          long next = 0;
          for (int round = 0; round < 10; round++) {
            int branches = 1 + random.nextInt(30);
            BranchBuffer inARow = buffer(branches, Overflow.STOP);
            List<Long> reachedOneByOne = new ArrayList<>();
            for (int i = 0; i < branches; i++) {
              inARow.append(next, -next, 7, TID);
              if (expected.append(single, next, -next, 7, TID)) {
                reachedOneByOne.add(next);
              }
              next++;
            }
            List<Long> reached = new ArrayList<>();
            BranchCursor cursor = inARow.cursor();
            while (actual.append(batched, cursor)) {
              reached.add(cursor.from());
            }
            assertThat(cursor.next()).isFalse();
            assertThat(reached).isEqualTo(reachedOneByOne);
            if (random.nextBoolean()) {
              assertThat(drained(actual)).isEqualTo(drained(expected));
            }
          }
          assertThat(actual.appended()).isEqualTo(expected.appended());
          assertThat(actual.lost()).isEqualTo(expected.lost());
          assertThat(drained(actual)).isEqualTo(drained(expected));
        });
  }

  private static List<RecordingSink.Item> drained(StreamLog log) {
    RecordingSink sink = new RecordingSink();
    log.drainTo(sink);
    return sink.items();
  }
}
