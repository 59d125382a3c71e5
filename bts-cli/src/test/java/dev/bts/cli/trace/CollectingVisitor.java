package dev.bts.cli.trace;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it is handed: branch records and side events in one list, damage in another. */
public class CollectingVisitor implements TraceVisitor {
  /** Branch records and side events in stream order. */
  public final List<Object> items = new ArrayList<>();

  /** Damage in stream order. */
  public final List<Damage> damage = new ArrayList<>();

  /** Creates one that has nothing. */
  public CollectingVisitor() {}

  @Override
  public void branches(BranchCursor cursor) {
    while (cursor.next()) {
      items.add(new BranchRecord(cursor.from(), cursor.to(), cursor.flags(), cursor.tid()));
    }
  }

  @Override
  public void event(SideEvent event) {
    items.add(event);
  }

  @Override
  public void damaged(Damage found) {
    damage.add(found);
  }

  /** Returns the branch records alone. */
  public List<BranchRecord> records() {
    return items.stream()
        .filter(BranchRecord.class::isInstance)
        .map(BranchRecord.class::cast)
        .toList();
  }
}
