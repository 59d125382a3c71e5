package dev.bts.api.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.InvalidRequestException;
import dev.bts.api.Overflow;
import dev.bts.api.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BranchBufferTest {
  private static BranchBuffer buffer(int records, Overflow overflow, long free) {
    return new BranchBuffer(ByteBuffer.allocate(records * Bts24.RECORD_BYTES + 7), overflow, free);
  }

  private static boolean append(BranchBuffer buffer, long n) {
    return buffer.append(n, -n, (int) n, (int) (n * 3));
  }

  private static BranchRecord record(long n) {
    return new BranchRecord(n, -n, (int) n, (int) (n * 3));
  }

  private static List<BranchRecord> read(BranchCursor cursor) {
    List<BranchRecord> records = new ArrayList<>();
    while (cursor.next()) {
      records.add(new BranchRecord(cursor.from(), cursor.to(), cursor.flags(), cursor.tid()));
    }
    return records;
  }

  @Test
  void usesWholeRecordsOfTheMemoryOnly() {
    BranchBuffer buffer = buffer(5, Overflow.WRAP, 1);
    assertThat(buffer.capacity()).isEqualTo(5);
    assertThat(buffer.absoluteMaximum()).isEqualTo(120);
    assertThat(buffer.threshold()).isEqualTo(96);
  }

  @Test
  void refusesMemoryThatHoldsNoRecord() {
    assertThatThrownBy(() -> new BranchBuffer(ByteBuffer.allocate(23), Overflow.WRAP, 0))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("23 bytes")
        .hasMessageContaining("24 bytes");
  }

  @Test
  void writesTheRecordLayoutOfTheDebugStoreArea() {
    ByteBuffer memory = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    memory.position(24);
    BranchBuffer buffer = new BranchBuffer(memory, Overflow.STOP, 0);
    buffer.append(0x1122334455667788L, 0x99aabbccddeeff00L, 0x10, 4321);
    assertThat(memory.getLong(24)).isEqualTo(0x1122334455667788L);
    assertThat(memory.getLong(32)).isEqualTo(0x99aabbccddeeff00L);
    assertThat(memory.getInt(40)).isEqualTo(0x10);
    assertThat(memory.getInt(44)).isEqualTo(4321);
    assertThat(memory.getLong(0)).isZero();
  }

  @Test
  void tellsTheOwnerOnceWhenTheThresholdIsReached() {
    BranchBuffer buffer = buffer(4, Overflow.DRAIN, 1);
    assertThat(append(buffer, 1)).isFalse();
    assertThat(append(buffer, 2)).isFalse();
    assertThat(append(buffer, 3)).isTrue();
    assertThat(append(buffer, 4)).isFalse();
    assertThat(append(buffer, 5)).isFalse();
  }

  @Test
  void keepsTheThresholdInsideTheAreaWhateverIsAsked() {
    assertThat(buffer(4, Overflow.WRAP, -9).threshold()).isEqualTo(96);
    assertThat(buffer(4, Overflow.WRAP, Long.MAX_VALUE).threshold()).isEqualTo(24);
  }

  @Test
  void countsWhatAFullAreaRefusesAndForgetsTheCountWhenTaken() {
    BranchBuffer buffer = buffer(2, Overflow.STOP, 0);
    for (int n = 1; n <= 5; n++) {
      append(buffer, n);
    }
    assertThat(read(buffer.cursor())).containsExactly(record(1), record(2));
    assertThat(buffer.appended()).isEqualTo(2);
    assertThat(buffer.takeRefused()).isEqualTo(3);
    assertThat(buffer.takeRefused()).isZero();
  }

  @Test
  void refusesIndexesOutsideTheRecords() {
    BranchBuffer buffer = buffer(2, Overflow.WRAP, 0);
    append(buffer, 1);
    assertThatThrownBy(() -> buffer.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.cursor(0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void behavesLikeAListOfTheNewestOrOldestRecords() {
    Seeds.forEach(BranchBufferTest.class, "bts-api", 200, BranchBufferTest::compareWithModel);
  }

  /** The model: a plain list, trimmed at the side that the overflow behaviour gives up. */
  private static void compareWithModel(long seed) {
    Random random = Seeds.random(seed);
    List<Overflow> all = List.of(Overflow.values());
    Overflow overflow = all.get(random.nextInt(all.size()));
    int capacity = 1 + random.nextInt(9);
    int free = random.nextInt(capacity);
    BranchBuffer buffer = buffer(capacity, overflow, free);
    List<BranchRecord> model = new ArrayList<>();
    long refused = 0;
    long overwritten = 0;
    long appended = 0;
    int place = 0;
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(12)) {
        case 0 -> {
          buffer.clear();
          model.clear();
          overwritten = 0;
          place = 0;
        }
        case 1 -> {
          assertThat(buffer.takeRefused()).isEqualTo(refused);
          refused = 0;
        }
        case 2 -> {
          int first = random.nextInt(model.size() + 1);
          int count = random.nextInt(model.size() - first + 1);
          assertThat(read(buffer.cursor(first, count)))
              .isEqualTo(model.subList(first, first + count));
        }
        default -> {
          boolean full = model.size() == capacity;
          boolean reached = append(buffer, step);
          if (full && overflow != Overflow.WRAP) {
            refused++;
            assertThat(reached).isFalse();
          } else {
            place = place % capacity + 1;
            appended++;
            model.add(record(step));
            if (full) {
              model.remove(0);
              overwritten++;
            }
            assertThat(reached).isEqualTo(place == capacity - free);
          }
        }
      }
      assertThat(buffer.size()).isEqualTo(model.size());
      assertThat(buffer.appended()).isEqualTo(appended);
      assertThat(buffer.overwritten()).isEqualTo(overwritten);
      assertThat(read(buffer.cursor())).isEqualTo(model);
      for (int i = 0; i < model.size(); i++) {
        assertThat(buffer.get(i)).isEqualTo(model.get(model.size() - 1 - i));
      }
    }
  }

  @Test
  void aSealedBufferTouchesItsFormerMemoryNoMore() {
    for (int appended : new int[] {0, 2, 3, 5}) {
      ByteBuffer memory = ByteBuffer.allocate(3 * Bts24.RECORD_BYTES);
      BranchBuffer buffer = new BranchBuffer(memory, Overflow.WRAP, 0);
      for (int i = 0; i < appended; i++) {
        buffer.append(i, 100 + i, 7, 9);
      }
      BranchCursor before = buffer.cursor();
      buffer.seal();
      java.util.Arrays.fill(memory.array(), (byte) -1);
      buffer.seal();
      assertThat(buffer.size()).isEqualTo(Math.min(3, appended));
      for (int i = 0; i < buffer.size(); i++) {
        int newest = appended - 1 - i;
        assertThat(buffer.get(i)).isEqualTo(new BranchRecord(newest, 100 + newest, 7, 9));
        assertThat(before.next()).isTrue();
        assertThat(before.from()).isEqualTo(appended - buffer.size() + i);
      }
      assertThatThrownBy(() -> buffer.append(1, 2, 3, 4)).isInstanceOf(IllegalStateException.class);
    }
  }
}
