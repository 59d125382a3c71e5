package dev.bts.cli.trace;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;

/**
 * Collects the branches and side events of one stream block in columns.
 *
 * <p>Programs repeat themselves: after an edge (a pair of addresses) usually comes the edge that
 * came after it the last time, else the one before that. The usual case costs one comparison and no
 * byte; its runs are counted. Nothing is allocated per record.
 */
final class StreamEncoder {
  private static final int INITIAL_BYTES = 1 << 12;

  private final EdgeTable edges = new EdgeTable();
  private final EdgeHash hash;
  private final ThreadPlaces threads = new ThreadPlaces();
  private final ByteSink[] columns = new ByteSink[StreamColumn.COUNT];
  private final ByteSink items;
  private final ByteSink hits;
  private final ByteSink misses;
  private final ByteSink edgesFrom;
  private final ByteSink edgesTo;
  private final ByteSink flagRuns;
  private final EventEncoder eventEncoder;

  private int records;
  private int events;
  private int itemCount;
  private long lost;
  private long threadMask;

  /** The thread of the run that is being collected, as its place; -1 before the first. */
  private int place;

  private int runTid;
  private int runRecords;

  /** The edge that the thread of the run took last. */
  private int previous;

  private int hitRun;
  private int flags;
  private int flagRun;

  /** Creates one; the seed makes the hash table's layout unpredictable for the traced program. */
  StreamEncoder(long seed) {
    hash = new EdgeHash(edges, seed);
    for (int i = 0; i < columns.length; i++) {
      columns[i] = new ByteSink(INITIAL_BYTES);
    }
    items = columns[StreamColumn.ITEMS];
    hits = columns[StreamColumn.HITS];
    misses = columns[StreamColumn.MISSES];
    edgesFrom = columns[StreamColumn.EDGES_FROM];
    edgesTo = columns[StreamColumn.EDGES_TO];
    flagRuns = columns[StreamColumn.FLAGS];
    eventEncoder = new EventEncoder(columns[StreamColumn.EVENTS]);
    clear();
  }

  int records() {
    return records;
  }

  int events() {
    return events;
  }

  long lost() {
    return lost;
  }

  long threadMask() {
    return threadMask;
  }

  boolean isEmpty() {
    return records == 0 && events == 0;
  }

  /** Returns whether the block must be written before it takes more. */
  boolean isFull() {
    return records == FormatLimits.RECORDS_PER_BLOCK
        || itemCount >= FormatLimits.ITEMS_PER_BLOCK - 1
        || events == FormatLimits.EVENTS_PER_BLOCK
        || threads.isFull()
        || columns[StreamColumn.EVENTS].size() >= FormatLimits.EVENT_BYTES_SOFT;
  }

  /** Forgets everything: the next block begins. */
  void clear() {
    edges.clear();
    hash.clear();
    threads.clear();
    for (ByteSink column : columns) {
      column.clear();
    }
    eventEncoder.reset();
    records = 0;
    events = 0;
    itemCount = 0;
    lost = 0;
    threadMask = 0;
    place = -1;
    runRecords = 0;
    previous = 0;
    hitRun = 0;
    flags = 0;
    flagRun = 0;
  }

  /** Takes records until the cursor has no more (true) or the block is full (false). */
  boolean branches(BranchCursor cursor) {
    // Everything that changes per record is local: this loop is what recording costs.
    long[] edgeFrom = edges.from;
    long[] edgeTo = edges.to;
    int[] successor = edges.successor;
    int edge = previous;
    int hit = hitRun;
    int record = records;
    int end = isFull() ? record : FormatLimits.RECORDS_PER_BLOCK;
    boolean more = true;
    while (record < end && (more = cursor.next())) {
      int tid = cursor.tid();
      int newFlags = cursor.flags();
      if (tid != runTid || newFlags != flags || place < 0) {
        advance(record - records, edge);
        switchTo(tid, newFlags);
        edge = previous;
        end = isFull() ? record + 1 : end;
      }
      long from = cursor.from();
      long to = cursor.to();
      int predicted = successor[edge];
      if (edgeFrom[predicted] == from && edgeTo[predicted] == to && predicted != 0) {
        hit++;
        edge = predicted;
      } else {
        hits.putUnsigned(hit);
        hit = 0;
        edge = miss(edge, from, to);
      }
      record++;
    }
    advance(record - records, edge);
    hitRun = hit;
    return !more;
  }

  /** Takes a side event; the block must not be full. */
  void event(SideEvent event) {
    closeRun();
    items.putUnsigned(0);
    itemCount++;
    eventEncoder.put(event);
    events++;
    if (event instanceof SideEvent.Lost loss) {
      lost += loss.count();
    }
  }

  /** Appends the finished block to {@code out}. */
  void finish(ByteSink out) {
    closeRun();
    hits.putUnsigned(hitRun);
    hitRun = 0;
    closeFlags();
    threads.write(columns[StreamColumn.THREADS]);
    for (ByteSink column : columns) {
      out.putUnsigned(column.size());
    }
    for (ByteSink column : columns) {
      out.putAll(column);
    }
  }

  private int miss(int last, long from, long to) {
    int edge = edges.alternative[last];
    if (edges.is(edge, from, to)) {
      misses.putUnsigned(StreamColumn.MISS_ALTERNATIVE);
    } else {
      edge = hash.findOrAdd(from, to);
      if (edge == 0) {
        edge = edges.size();
        misses.putUnsigned(StreamColumn.MISS_NEW);
        edgesFrom.putSigned(from - edges.to[last]);
        edgesTo.putSigned(to - from);
      } else {
        misses.putUnsigned(edge + StreamColumn.MISS_KNOWN);
      }
    }
    edges.follow(last, edge);
    return edge;
  }

  /** Counts records of the present run. */
  private void advance(int count, int lastEdge) {
    records += count;
    runRecords += count;
    flagRun += count;
    previous = lastEdge;
  }

  private void switchTo(int tid, int newFlags) {
    if (tid != runTid || place < 0) {
      closeRun();
      if (place >= 0) {
        threads.setPrevious(place, previous);
      }
      place = threads.placeOf(tid);
      previous = threads.previous(place);
      runTid = tid;
      threadMask |= BlockHead.threadBit(tid);
    }
    if (newFlags != flags) {
      closeFlags();
      flags = newFlags;
    }
  }

  private void closeRun() {
    if (runRecords > 0) {
      items.putUnsigned(place + 1);
      items.putUnsigned(runRecords);
      itemCount++;
      runRecords = 0;
    }
  }

  private void closeFlags() {
    if (flagRun > 0) {
      flagRuns.putSigned(flags);
      flagRuns.putUnsigned(flagRun);
      flagRun = 0;
    }
  }
}
