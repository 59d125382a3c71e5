package dev.bts.api.record;

import dev.bts.api.Overflow;
import dev.bts.api.record.StreamEntry.Event;
import dev.bts.api.record.StreamEntry.Gap;
import dev.bts.api.record.StreamEntry.Run;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The order of a session's stream: runs of records that lie in buffers, side events, and gaps where
 * records are missing.
 *
 * <p>Records stay in their buffers; the log only counts them, so recording allocates nothing as
 * long as it stays in one buffer. What is overwritten in a buffer that wraps becomes a gap at the
 * place where it stood. Bounded: by the records in the buffers and {@link #MAX_EVENTS}. Not safe
 * for several threads.
 *
 * <p>Buffers that a log knows are appended to and cleared by the log only. One whose memory goes
 * away is {@linkplain BranchBuffer#seal sealed}; the log does not mind.
 */
public final class StreamLog {
  /** The most side events that are kept for somebody to drain. */
  public static final int MAX_EVENTS = 1 << 16;

  /** The number of side events at which a drain is due, however few records there are. */
  private static final int DRAIN_EVENTS = 1 << 12;

  private static final int COMPACT_AT_LEAST = 1 << 12;
  private static final String OVERWRITTEN = "overwritten by newer records";
  private static final String FULL = "the buffer was full";

  /** What the log holds of one buffer. */
  private static final class Holding {
    /** The runs that still have records, oldest first. */
    private final ArrayDeque<Run> runs = new ArrayDeque<>();

    /** How many of the buffer's records were handed over before a sink failed. */
    private long taken;
  }

  private final LongSupplier clock;
  private ArrayDeque<StreamEntry> entries = new ArrayDeque<>();
  private final Map<BranchBuffer, Holding> holdings = new HashMap<>();

  /** The entry that may still grow, null if the next one is new in any case. */
  private @Nullable StreamEntry last;

  private int events;
  private int compactAt = COMPACT_AT_LEAST;
  private long held;
  private long appended;
  private long lost;

  /**
   * Creates an empty log.
   *
   * @param clock tells the time in nanoseconds; asked when a run or a gap begins, not per record
   */
  public StreamLog(LongSupplier clock) {
    this.clock = clock;
  }

  /** Returns how many records can be read. */
  public long size() {
    return held;
  }

  /** Returns how many records were ever made. */
  public long appended() {
    return appended;
  }

  /** Returns how many records are missing in the stream. */
  public long lost() {
    return lost;
  }

  /** Returns whether so many side events wait that somebody should drain them. */
  public boolean isFullOfEvents() {
    return events >= DRAIN_EVENTS;
  }

  int events() {
    return events;
  }

  /**
   * Records a branch.
   *
   * @return true if the buffer's interrupt threshold was reached by it and the owner should act
   * @throws IllegalStateException if the buffer is sealed
   */
  public boolean append(BranchBuffer buffer, long from, long to, int flags, int tid) {
    boolean full = buffer.size() == buffer.capacity();
    if (full && buffer.overflow() != Overflow.WRAP) {
      lose(tid, FULL);
      return false;
    }
    boolean reached = buffer.append(from, to, flags, tid);
    if (full) {
      overwriteOldest(buffer);
    }
    run(buffer).records++;
    held++;
    appended++;
    return reached;
  }

  /**
   * Records the branches behind a cursor, up to one by which the buffer's interrupt threshold is
   * reached.
   *
   * @return true if the threshold was reached and the owner should act: there may be more branches
   * @throws IllegalStateException if the buffer is sealed
   */
  public boolean append(BranchBuffer buffer, BranchCursor branches) {
    boolean reached = false;
    while (!reached && branches.next()) {
      int done = buffer.append(branches);
      if (done == 0) {
        reached = append(buffer, branches.from(), branches.to(), branches.flags(), branches.tid());
      } else {
        run(buffer).records += done;
        held += done;
        appended += done;
        reached = buffer.isAtThreshold();
      }
    }
    return reached;
  }

  /**
   * Hands branches over at once, behind what waits: they go through no buffer, and count as
   * recorded.
   */
  public void pass(BranchRun branches, TraceSink sink) {
    drainTo(sink);
    try {
      sink.branches(branches);
    } finally {
      appended += branches.skip();
    }
  }

  private Run run(BranchBuffer buffer) {
    if (last instanceof Run run && run.buffer == buffer) {
      return run;
    }
    Run run = new Run(buffer, clock.getAsLong());
    push(run);
    holding(buffer).runs.addLast(run);
    return run;
  }

  private void overwriteOldest(BranchBuffer buffer) {
    Holding holding = holding(buffer);
    if (holding.taken > 0) {
      // The oldest was handed over by a drain that failed later: it is not missed.
      holding.taken--;
      return;
    }
    ArrayDeque<Run> oldestFirst = holding.runs;
    Run oldest = oldestFirst.getFirst();
    oldest.records--;
    oldest.overwritten++;
    held--;
    lost++;
    if (oldest.records == 0 && oldest != last) {
      oldestFirst.removeFirst();
    }
  }

  /** Marks one record as missing here. */
  public void lose(int tid, String reason) {
    lose(tid, reason, 1);
  }

  /** Marks some records as missing here. */
  public void lose(int tid, String reason, long count) {
    lost += count;
    gap(tid, reason).count += count;
  }

  /** Says something about the records from here on, without one missing. */
  public void note(int tid, String reason) {
    gap(tid, reason);
  }

  private Gap gap(int tid, String reason) {
    if (last instanceof Gap gap && gap.tid == tid && gap.reason.equals(reason)) {
      return gap;
    }
    Gap gap = new Gap(tid, clock.getAsLong(), 0, reason);
    push(gap);
    return gap;
  }

  /** Adds a side event, or a note in its place if too many wait already. */
  public void event(SideEvent event) {
    if (events == MAX_EVENTS) {
      note(0, "more than " + MAX_EVENTS + " side events, nobody drained them");
      return;
    }
    events++;
    push(new Event(event));
  }

  /**
   * Returns a record; 0 is the newest.
   *
   * @throws IndexOutOfBoundsException if index is not in [0, size)
   */
  public BranchRecord get(long newestFirst) {
    long left = Objects.checkIndex(newestFirst, held);
    Map<BranchBuffer, Long> newer = new HashMap<>();
    Iterator<StreamEntry> backwards = entries.descendingIterator();
    while (backwards.hasNext()) {
      if (backwards.next() instanceof Run run) {
        if (left < run.records) {
          return run.buffer.get(newer.getOrDefault(run.buffer, 0L) + left);
        }
        left -= run.records;
        newer.merge(run.buffer, run.records, Long::sum);
      }
    }
    throw new IllegalStateException("the runs hold fewer records than were counted");
  }

  /** Forgets all records; side events and gaps stay. */
  public void clear() {
    for (BranchBuffer buffer : holdings.keySet().toArray(BranchBuffer[]::new)) {
      discard(buffer);
      buffer.clear();
    }
  }

  /** Lets go of everything; the counts stay. */
  public void dispose() {
    entries.clear();
    holdings.clear();
    last = null;
    events = 0;
    held = 0;
  }

  /** Forgets the records of a buffer, which are not counted as lost. */
  public void discard(BranchBuffer buffer) {
    for (Run run : removeRuns(buffer)) {
      run.records = 0;
    }
  }

  /** Gives up the records of a buffer, which are counted as lost. */
  public void giveUp(BranchBuffer buffer) {
    for (Run run : removeRuns(buffer)) {
      lost += run.records;
      run.overwritten += run.records;
      run.records = 0;
    }
  }

  private Iterable<Run> removeRuns(BranchBuffer buffer) {
    Holding holding = holdings.remove(buffer);
    if (holding == null) {
      return new ArrayDeque<>();
    }
    for (Run run : holding.runs) {
      held -= run.records;
    }
    last = null;
    return holding.runs;
  }

  /**
   * Hands everything to a sink, in order, and keeps nothing. If the sink throws, what it was not
   * asked to take yet stays.
   *
   * @return the number of records handed over
   */
  public long drainTo(TraceSink sink) {
    long before = held;
    last = null;
    StreamEntry entry;
    while ((entry = entries.pollFirst()) != null) {
      if (entry instanceof Event event) {
        events--;
        sink.event(event.event);
      } else if (entry instanceof Gap gap) {
        sink.event(new SideEvent.Lost(gap.tid, gap.time, gap.count, gap.reason));
      } else if (entry instanceof Run run) {
        hand(run, sink);
      }
    }
    holdings.keySet().forEach(buffer -> buffer.clear());
    holdings.clear();
    compactAt = COMPACT_AT_LEAST;
    return before;
  }

  private void hand(Run run, TraceSink sink) {
    if (run.overwritten > 0) {
      sink.event(new SideEvent.Lost(0, run.time, run.overwritten, OVERWRITTEN));
    }
    if (run.records > 0) {
      Holding holding = holding(run.buffer);
      holding.runs.removeFirst();
      long first = holding.taken;
      holding.taken += run.records;
      held -= run.records;
      sink.branches(run.buffer.cursor(first, run.records));
    }
  }

  private Holding holding(BranchBuffer buffer) {
    Holding holding = holdings.get(buffer);
    if (holding == null) {
      holding = new Holding();
      holdings.put(buffer, holding);
    }
    return holding;
  }

  private void push(StreamEntry entry) {
    if (entries.size() >= compactAt) {
      compact();
      compactAt = Math.max(COMPACT_AT_LEAST, 2 * entries.size());
    }
    entries.addLast(entry);
    last = entry;
  }

  /** Joins gaps that have become neighbours because the records between them are gone. */
  private void compact() {
    ArrayDeque<StreamEntry> kept = new ArrayDeque<>();
    for (StreamEntry entry : entries) {
      StreamEntry now = entry;
      if (entry instanceof Run run && run.records == 0) {
        if (run.overwritten == 0) {
          continue;
        }
        now = new Gap(0, run.time, run.overwritten, OVERWRITTEN);
      }
      if (kept.peekLast() instanceof Gap before) {
        if (now instanceof Gap gap) {
          before.absorb(gap);
          continue;
        }
        if (now instanceof Event event && event.isScheduling()) {
          events--;
          continue;
        }
      }
      kept.addLast(now);
    }
    entries = kept;
  }
}
