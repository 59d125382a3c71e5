package dev.bts.api.contract;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.util.ArrayList;
import java.util.List;

/** A sink that keeps the whole stream, for tests. Safe for several threads. */
public final class RecordingSink implements TraceSink {
  /** A place in the stream: a branch or a side event. */
  public sealed interface Item {
    /** A branch. */
    record Branch(BranchRecord record) implements Item {}

    /** A side event. */
    record Event(SideEvent event) implements Item {}
  }

  private final List<Item> items = new ArrayList<>();

  /** Creates an empty sink. */
  public RecordingSink() {}

  @Override
  public synchronized void branches(BranchCursor cursor) {
    while (cursor.next()) {
      items.add(
          new Item.Branch(
              new BranchRecord(cursor.from(), cursor.to(), cursor.flags(), cursor.tid())));
    }
  }

  @Override
  public synchronized void event(SideEvent event) {
    items.add(new Item.Event(event));
  }

  /** Returns the stream so far. */
  public synchronized List<Item> items() {
    return List.copyOf(items);
  }

  /** Returns the branches so far. */
  public List<BranchRecord> branches() {
    return items().stream()
        .filter(Item.Branch.class::isInstance)
        .map(item -> ((Item.Branch) item).record())
        .toList();
  }

  /** Returns the branches so far without thread ids, which differ from run to run. */
  public List<Edge> edges() {
    return branches().stream().map(Edge::of).toList();
  }

  /** Returns the side events of a kind so far. */
  public <E extends SideEvent> List<E> events(Class<E> kind) {
    return items().stream()
        .filter(Item.Event.class::isInstance)
        .map(item -> ((Item.Event) item).event())
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  /** Returns how many records the stream says are lost. */
  public long lost() {
    return events(SideEvent.Lost.class).stream().mapToLong(SideEvent.Lost::count).sum();
  }

  /** A branch without its thread. */
  public record Edge(long from, long to) {
    static Edge of(BranchRecord record) {
      return new Edge(record.from(), record.to());
    }

    @Override
    public String toString() {
      return Long.toHexString(from) + "->" + Long.toHexString(to);
    }
  }
}
