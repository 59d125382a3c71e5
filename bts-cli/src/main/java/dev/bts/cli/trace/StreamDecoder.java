package dev.bts.cli.trace;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of one stream block. A block is decoded as a whole before anything of it is handed
 * over, so that a damaged block yields nothing instead of half.
 */
final class StreamDecoder {
  private final EdgeTable edges = new EdgeTable();
  private final ThreadPlaces threads = new ThreadPlaces();
  private final ByteSource[] columns = new ByteSource[StreamColumn.COUNT];

  /** The edge of each record. */
  private final int[] recordEdges = new int[FormatLimits.RECORDS_PER_BLOCK];

  /** The flags of each record. */
  private final int[] recordFlags = new int[FormatLimits.RECORDS_PER_BLOCK];

  private final List<SideEvent> events = new ArrayList<>();

  /** Place in {@link #threads} by item, -1 for an event. */
  private int[] itemPlaces = new int[INITIAL_ITEMS];

  /** Records by item, 1 for an event. */
  private int[] itemLengths = new int[INITIAL_ITEMS];

  private static final int INITIAL_ITEMS = 64;
  private static final int EVENT_ITEM = -1;

  private int items;
  private int records;

  StreamDecoder() {
    for (int i = 0; i < columns.length; i++) {
      columns[i] = new ByteSource();
    }
  }

  /**
   * Decodes a block.
   *
   * @throws CorruptBlockException if it is not what its head promises; nothing is to be used then
   */
  void decode(byte[] content, int length, BlockHead head) throws CorruptBlockException {
    edges.clear();
    split(content, length);
    threads.read(columns[StreamColumn.THREADS]);
    readItems(head);
    readEdges();
    readFlags();
    readEvents(head.events());
    for (ByteSource column : columns) {
      column.expectEnd();
    }
  }

  /**
   * Hands over the decoded block: all its events, and of its records those selected.
   *
   * @param first the number of the block's first record in the trace
   */
  void deliver(TraceSink sink, Selection selection, long first) {
    Cursor cursor = new Cursor();
    int record = 0;
    int event = 0;
    for (int item = 0; item < items; item++) {
      if (itemPlaces[item] == EVENT_ITEM) {
        sink.event(events.get(event++));
        continue;
      }
      int tid = threads.tid(itemPlaces[item]);
      int end = record + itemLengths[item];
      int from = (int) Math.max(record, Math.min(end, selection.firstRecord() - first));
      int to = (int) Math.min(end, Math.max(from, selection.endRecord() - first));
      if (from < to && selection.includes(tid)) {
        cursor.reset(tid, from, to);
        sink.branches(cursor);
      }
      record = end;
    }
  }

  private void split(byte[] content, int length) throws CorruptBlockException {
    ByteSource all = new ByteSource();
    all.reset(content, 0, length);
    int[] lengths = new int[columns.length];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = all.getCount(length);
    }
    int at = all.position();
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] > length - at) {
        throw new CorruptBlockException("its columns are longer than the block");
      }
      columns[i].reset(content, at, lengths[i]);
      at += lengths[i];
    }
    if (at != length) {
      throw new CorruptBlockException("its columns are shorter than the block");
    }
  }

  private void readItems(BlockHead head) throws CorruptBlockException {
    ByteSource in = columns[StreamColumn.ITEMS];
    items = 0;
    records = 0;
    int eventItems = 0;
    while (in.remaining() > 0) {
      int place = in.getCount(threads.size()) - 1;
      int length = 1;
      if (place == EVENT_ITEM) {
        eventItems++;
      } else {
        length = in.getCount(head.records() - records);
        records += length;
      }
      addItem(place, length);
    }
    if (records != head.records() || eventItems != head.events()) {
      throw new CorruptBlockException(
          "it does not hold as many records and events as its head says");
    }
  }

  private void addItem(int place, int length) throws CorruptBlockException {
    if (items == FormatLimits.ITEMS_PER_BLOCK) {
      throw new CorruptBlockException("it has more runs than the format allows");
    }
    if (items == itemPlaces.length) {
      itemPlaces = java.util.Arrays.copyOf(itemPlaces, 2 * items);
      itemLengths = java.util.Arrays.copyOf(itemLengths, 2 * items);
    }
    itemPlaces[items] = place;
    itemLengths[items] = length;
    items++;
  }

  private void readEdges() throws CorruptBlockException {
    ByteSource hits = columns[StreamColumn.HITS];
    int[] successor = edges.successor;
    int hitRun = hits.getCount(records);
    int record = 0;
    for (int item = 0; item < items; item++) {
      int place = itemPlaces[item];
      if (place == EVENT_ITEM) {
        continue;
      }
      int previous = threads.previous(place);
      int end = record + itemLengths[item];
      while (record < end) {
        int hitEnd = record + Math.min(hitRun, end - record);
        hitRun -= hitEnd - record;
        while (record < hitEnd) {
          previous = successor[previous];
          if (previous == 0) {
            throw new CorruptBlockException("it relies on a prediction where there is none");
          }
          recordEdges[record++] = previous;
        }
        if (record < end) {
          previous = miss(previous);
          recordEdges[record++] = previous;
          hitRun = hits.getCount(records - record);
        }
      }
      threads.setPrevious(place, previous);
    }
    if (hitRun != 0) {
      throw new CorruptBlockException("it predicts more records than it has");
    }
  }

  private int miss(int previous) throws CorruptBlockException {
    int symbol = columns[StreamColumn.MISSES].getCount(edges.size() + StreamColumn.MISS_KNOWN);
    int edge;
    if (symbol == StreamColumn.MISS_NEW) {
      long from = edges.to[previous] + columns[StreamColumn.EDGES_FROM].getSigned();
      edge = edges.add(from, from + columns[StreamColumn.EDGES_TO].getSigned());
    } else if (symbol == StreamColumn.MISS_ALTERNATIVE) {
      edge = edges.alternative[previous];
      if (edge == 0) {
        throw new CorruptBlockException("it relies on an alternative where there is none");
      }
    } else {
      edge = symbol - StreamColumn.MISS_KNOWN;
    }
    edges.follow(previous, edge);
    return edge;
  }

  private void readFlags() throws CorruptBlockException {
    ByteSource in = columns[StreamColumn.FLAGS];
    int record = 0;
    while (record < records) {
      int flags = in.getInt();
      int end = record + in.getCount(records - record);
      java.util.Arrays.fill(recordFlags, record, end, flags);
      record = end;
    }
  }

  private void readEvents(int count) throws CorruptBlockException {
    events.clear();
    EventDecoder decoder = new EventDecoder(columns[StreamColumn.EVENTS]);
    for (int i = 0; i < count; i++) {
      events.add(decoder.next());
    }
  }

  /** Moves over a run of one thread. */
  private final class Cursor implements BranchCursor {
    private int tid;
    private int at;
    private int end;

    void reset(int runTid, int from, int to) {
      tid = runTid;
      at = from - 1;
      end = to;
    }

    @Override
    public boolean next() {
      return ++at < end;
    }

    @Override
    public long from() {
      return edges.from[recordEdges[at]];
    }

    @Override
    public long to() {
      return edges.to[recordEdges[at]];
    }

    @Override
    public int flags() {
      return recordFlags[at];
    }

    @Override
    public int tid() {
      return tid;
    }
  }
}
