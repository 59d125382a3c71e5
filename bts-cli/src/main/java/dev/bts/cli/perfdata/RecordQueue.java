package dev.bts.cli.perfdata;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Puts records in the order of their times. A perf.data file holds the rings of many CPUs one after
 * another, in rounds: what comes after the end of a round is not older than the newest record
 * before the end of the round before it (tools/perf/util/ordered-events.c). Records of the same
 * time keep their order.
 *
 * <p>Memory is bounded: when it is full, everything is handed over as if all rounds had ended. What
 * comes afterwards and is older comes too late: see {@link #outOfOrder}.
 */
final class RecordQueue {
  private static final int INITIAL_BYTES = 1 << 20;

  /** What an entry costs beside its bytes: time, offset, and its places while it is sorted. */
  private static final int ENTRY_BYTES = Long.BYTES + 4 * Integer.BYTES;

  private final int bytesMax;
  private final Consumer consumer;
  private final PerfRecordView view = new PerfRecordView();
  private ByteBuffer bytes = buffer(INITIAL_BYTES);
  private long[] times = new long[1 << 10];
  private int[] offsets = new int[1 << 10];
  private int count;
  private boolean sorted = true;
  private long newest = Long.MIN_VALUE;
  private long newestOfRoundBefore = Long.MIN_VALUE;
  private long handedOverUpTo = Long.MIN_VALUE;
  private boolean outOfOrder;

  /** Creates an empty queue that keeps this many bytes at most. */
  RecordQueue(int bytesMax, Consumer consumer) {
    this.bytesMax = bytesMax;
    this.consumer = consumer;
  }

  /** Who takes the records in order. */
  interface Consumer {
    /** Takes a record, which is valid during the call only. */
    void ordered(PerfRecordView record, long time);
  }

  /** Copies a record and puts it in its place. */
  void add(long time, PerfRecordView record) {
    begin(time, record.size());
    append(record.bytes(), record.offset(), record.size());
  }

  /** Begins an entry of at most so many bytes, which {@link #append} adds. */
  void begin(long time, int lengthMax) {
    if (lengthMax + (count + 1L) * ENTRY_BYTES > bytesMax - bytes.position()) {
      flush(Long.MAX_VALUE);
      handedOverUpTo = newest;
    }
    outOfOrder |= time < handedOverUpTo;
    if (count == times.length) {
      times = Arrays.copyOf(times, 2 * count);
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    sorted &= count == 0 || times[count - 1] <= time;
    times[count] = time;
    offsets[count] = bytes.position();
    count++;
    newest = Math.max(newest, time);
  }

  /** Adds bytes to the entry that was begun last. */
  void append(ByteBuffer from, int offset, int length) {
    if (length > bytes.remaining()) {
      long wanted = Math.max(2L * bytes.capacity(), (long) bytes.position() + length);
      ByteBuffer larger = buffer((int) Math.min(wanted, Integer.MAX_VALUE));
      bytes.flip();
      bytes = larger.put(bytes);
    }
    bytes.put(bytes.position(), from, offset, length);
    bytes.position(bytes.position() + length);
  }

  /** Returns the newest time there was. */
  long newest() {
    return newest;
  }

  /** Returns whether records came too late for their places, because memory had been full. */
  boolean outOfOrder() {
    return outOfOrder;
  }

  /** Returns the oldest time in the queue that is positive; 0 if there is none. */
  long oldest() {
    return Arrays.stream(times, 0, count).filter(time -> time > 0).min().orElse(0);
  }

  /** Takes notice of the end of a round. */
  void endRound() {
    flush(newestOfRoundBefore);
    newestOfRoundBefore = newest;
  }

  /** Hands over all that is left. */
  void finish() {
    flush(Long.MAX_VALUE);
  }

  private void flush(long timeMax) {
    int[] order = order();
    int end = bytes.position();
    for (int index : order) {
      if (times[index] > timeMax) {
        break;
      }
      consumer.ordered(
          view.wrap(bytes, offsets[index], end(index, end) - offsets[index]), times[index]);
    }
    keepNewerThan(timeMax, end);
  }

  private int end(int index, int end) {
    return index + 1 < count ? offsets[index + 1] : end;
  }

  private void keepNewerThan(long timeMax, int end) {
    int kept = 0;
    int keptBytes = 0;
    sorted = true;
    for (int i = 0; i < count; i++) {
      if (times[i] <= timeMax) {
        continue;
      }
      int length = end(i, end) - offsets[i];
      bytes.put(keptBytes, bytes, offsets[i], length);
      sorted &= kept == 0 || times[kept - 1] <= times[i];
      times[kept] = times[i];
      offsets[kept] = keptBytes;
      kept++;
      keptBytes += length;
    }
    count = kept;
    bytes.position(keptBytes);
  }

  /** Returns the entries by time: a merge sort of numbers, because it must keep equal ones. */
  private int[] order() {
    int[] order = new int[count];
    Arrays.setAll(order, i -> i);
    if (sorted) {
      return order;
    }
    int[] from = order;
    int[] to = new int[count];
    for (int width = 1; width < count && width > 0; width *= 2) {
      for (int low = 0; low < count; low += 2 * width) {
        merge(from, to, low, Math.min(low + width, count), Math.min(low + 2 * width, count));
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private void merge(int[] from, int[] to, int low, int middle, int high) {
    int left = low;
    int right = middle;
    for (int at = low; at < high; at++) {
      boolean takeLeft =
          left < middle && (right >= high || times[from[left]] <= times[from[right]]);
      to[at] = takeLeft ? from[left++] : from[right++];
    }
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
