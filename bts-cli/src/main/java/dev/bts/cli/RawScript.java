package dev.bts.cli;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.text.TextOutput;
import dev.bts.cli.trace.TraceVisitor;

/** Prints {@code from to} in hex, one branch a line. */
final class RawScript implements TraceVisitor {
  private final TextOutput out;

  RawScript(TextOutput out) {
    this.out = out;
  }

  @Override
  public void branches(BranchCursor cursor) {
    while (cursor.next()) {
      out.hex(cursor.from()).ascii(' ').hex(cursor.to()).ascii('\n');
    }
  }

  @Override
  public void event(SideEvent event) {}
}
