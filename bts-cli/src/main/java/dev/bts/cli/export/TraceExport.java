package dev.bts.cli.export;

import dev.bts.api.record.SideEvent;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceVisitor;
import java.io.Closeable;

/** A trace in the form of another tool, written while it is read. */
public interface TraceExport extends TraceVisitor, Closeable {
  /** Writes what is left; once, when all was handed over. Without it the file is not whole. */
  void finish();

  /**
   * Takes damage for a loss, of at least one record if nothing tells how many: what stands before
   * and behind it did not follow one another.
   */
  @Override
  default void damaged(Damage damage) {
    if (damage.records() != 0 || damage.events() != 0) {
      event(new SideEvent.Lost(0, 0, Math.max(1, damage.records()), damage.reason()));
    }
  }
}
