package dev.bts.cli;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceTotals;
import dev.bts.cli.trace.TraceVisitor;

/** Shows how far the reading of a large trace has come, where that disturbs nobody. */
final class ReadingProgress implements TraceVisitor {
  private static final long NANOS_BETWEEN = 200_000_000;
  private static final int PERCENT = 100;

  private final Console console;
  private final long total;
  private final TraceVisitor next;
  private long shownNanos = System.nanoTime();
  private boolean shown;

  ReadingProgress(Console console, TraceTotals totals, TraceVisitor next) {
    this.console = console;
    this.total = totals.records();
    this.next = next;
  }

  @Override
  public void branches(BranchCursor cursor) {
    next.branches(cursor);
  }

  @Override
  public void event(SideEvent event) {
    next.event(event);
  }

  @Override
  public void damaged(Damage damage) {
    next.damaged(damage);
  }

  @Override
  public void reached(long record) {
    next.reached(record);
    long now = System.nanoTime();
    if (console.progress() && record < total && now - shownNanos >= NANOS_BETWEEN) {
      shownNanos = now;
      shown = true;
      console.err().print("\r" + PERCENT * record / total + " %");
      console.err().flush();
    }
  }

  /** Removes what was shown. */
  void finish() {
    if (shown) {
      console.err().print("\r     \r");
      console.err().flush();
    }
  }
}
