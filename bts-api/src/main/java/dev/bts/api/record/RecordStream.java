package dev.bts.api.record;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A branch buffer together with the side events that stand between its records: what a backend
 * fills, and what a drain hands to a sink in stream order.
 *
 * <p>The buffer can be replaced, and there may be none. Records that find no room are counted; a
 * {@link SideEvent.Lost} stands in their place. Not safe for several threads.
 */
public final class RecordStream {
  /** Side events that are kept between two drains; beyond it the oldest are dropped and counted. */
  public static final int EVENTS_MAX = 1 << 16;

  /**
   * A side event and its place.
   *
   * @param position the number of records made before it
   */
  private record Placed(long position, SideEvent event) {}

  private final ArrayDeque<Placed> events = new ArrayDeque<>();
  private @Nullable BranchBuffer buffer;

  /** Whether the buffer is a copy that only keeps what it has. */
  private boolean sealed;

  /** Records made so far, whatever became of them. */
  private long made;

  /** The place of the oldest record since the last drain, clear or change of buffer. */
  private long start;

  /** Records that are neither in the buffer nor were: there was none, or it was full. */
  private long missed;

  private long overwrittenBefore;
  private long unstoredBefore;
  private long droppedEvents;

  /** The thread of all records since the last drain; 0 if there were several. */
  private int soleTid;

  /** Creates a stream without a buffer. */
  public RecordStream() {}

  /**
   * Appends one record.
   *
   * @return true if the interrupt threshold was reached by this record and the owner should act
   */
  public boolean append(long from, long to, int flags, int tid) {
    soleTid = made == start || soleTid == tid ? tid : 0;
    made++;
    if (buffer == null || sealed) {
      missed++;
      return false;
    }
    return buffer.append(from, to, flags, tid);
  }

  /** Puts a side event behind the records made so far. */
  public void event(SideEvent event) {
    if (events.size() == EVENTS_MAX) {
      events.removeFirst();
      droppedEvents++;
    }
    events.addLast(new Placed(made, event));
  }

  /** Replaces the buffer, by none if null; the records of the old one are gone. */
  public void setBuffer(@Nullable BranchBuffer memory, long timeNanos) {
    clear(timeNanos);
    buffer = memory;
    sealed = false;
  }

  /**
   * Lets go of the buffer's memory, before it is freed: what nobody has drained is copied to the
   * heap and stays readable. Nothing more is stored, because nobody is charged for that memory.
   */
  public void retain() {
    if (buffer != null && !sealed) {
      buffer = buffer.copy();
      sealed = true;
    }
  }

  /**
   * Forgets all records, but no side event. They are not lost; those that found no room before are.
   */
  public void clear(long timeNanos) {
    long unstored = unstored();
    if (unstored > 0) {
      event(lost(timeNanos, unstored));
    }
    restart();
  }

  /** Returns how many records can be read. */
  public long size() {
    return buffer == null ? 0 : buffer.size();
  }

  /**
   * Returns a record; 0 is the newest.
   *
   * @throws IndexOutOfBoundsException if index is not in [0, size)
   */
  public BranchRecord get(long newestFirst) {
    if (buffer == null) {
      throw new IndexOutOfBoundsException("there is no buffer, so no record " + newestFirst);
    }
    return buffer.get(newestFirst);
  }

  /** Returns how many records were stored, later overwritten ones included. */
  public long stored() {
    return made - unstoredBefore - unstored();
  }

  /** Returns how many records were lost: overwritten, or never stored. */
  public long lost() {
    return overwrittenBefore
        + unstoredBefore
        + unstored()
        + (buffer == null ? 0 : buffer.overwritten());
  }

  /** Records since the last drain that found no room. */
  private long unstored() {
    return missed + (buffer == null ? 0 : refused());
  }

  private long refused() {
    return made - start - missed - size() - (buffer == null ? 0 : buffer.overwritten());
  }

  /**
   * Hands everything to a sink, oldest first, and empties the stream.
   *
   * @param timeNanos the time that losses are reported for
   * @return the number of records handed over
   */
  public long drainTo(TraceSink sink, long timeNanos) {
    if (droppedEvents > 0) {
      sink.event(
          new SideEvent.Lost(
              0, timeNanos, 0, droppedEvents + " side events, because nobody drained them"));
      droppedEvents = 0;
    }
    BranchBuffer full = buffer;
    long size = size();
    long overwritten = full == null ? 0 : full.overwritten();
    long unstored = unstored();
    long at = start;
    handEvents(sink, at);
    if (overwritten > 0) {
      sink.event(lost(timeNanos, overwritten));
      at += overwritten;
      handEvents(sink, at);
    }
    long end = at + size;
    while (full != null && at < end) {
      long next = events.isEmpty() ? end : Math.min(end, events.getFirst().position());
      sink.branches(full.cursor(size - (end - at), next - at));
      at = next;
      handEvents(sink, at);
    }
    if (unstored > 0) {
      sink.event(lost(timeNanos, unstored));
    }
    handEvents(sink, Long.MAX_VALUE);
    restart();
    return size;
  }

  private void handEvents(TraceSink sink, long position) {
    while (!events.isEmpty() && events.getFirst().position() <= position) {
      sink.event(events.removeFirst().event());
    }
  }

  private SideEvent lost(long timeNanos, long count) {
    return new SideEvent.Lost(soleTid, timeNanos, count, reason());
  }

  private String reason() {
    if (buffer == null || sealed) {
      return "there was no buffer";
    }
    return switch (buffer.overflow()) {
      case WRAP -> "the buffer was full and wrapped";
      case STOP -> "the buffer was full and recording stopped";
      case DRAIN -> "the buffer was full and nobody drained it";
    };
  }

  private void restart() {
    unstoredBefore += unstored();
    overwrittenBefore += buffer == null ? 0 : buffer.overwritten();
    missed = 0;
    start = made;
    if (buffer != null) {
      buffer.takeRefused();
      buffer.clear();
    }
  }
}
