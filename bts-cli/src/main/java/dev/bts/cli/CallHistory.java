package dev.bts.cli;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.calls.CallStacks;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Location;
import dev.bts.cli.symbols.Symbolizer;
import dev.bts.cli.text.TextOutput;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceVisitor;
import java.util.HashMap;
import java.util.Map;

/**
 * Prints the calls of all threads in the order of the trace: the number of the calling branch, the
 * thread, and the function, indented by how many calls are open in its thread.
 */
final class CallHistory implements TraceVisitor, CallStacks.Listener {
  private static final int NUMBER_WIDTH = 12;
  private static final int TID_WIDTH = 8;

  /** Deeper calls stand here, with their depth in front. */
  private static final int DEPTH_SHOWN_MAX = 40;

  private final TextOutput out;
  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);
  private final CallStacks stacks = new CallStacks(spaces, symbolizer, this);
  private final Map<Integer, Integer> depths = new HashMap<>();

  CallHistory(TextOutput out) {
    this.out = out;
    line("branch", "tid", 0, "calls");
  }

  @Override
  public void branches(BranchCursor cursor) {
    stacks.branches(cursor);
  }

  @Override
  public void event(SideEvent event) {
    stacks.event(event);
    if (event instanceof SideEvent.Lost) {
      note(event);
    }
  }

  @Override
  public void damaged(Damage damage) {
    stacks.finish();
    out.text("* missing: ").text(Plain.text(damage.toString())).ascii('\n');
  }

  @Override
  public void entered(int pid, int tid, long branch, long callSite, long target) {
    int depth = depths.merge(tid, 1, Integer::sum) - 1;
    line(Long.toString(branch), Integer.toString(tid), depth, words(pid, target));
  }

  @Override
  public void left(int pid, int tid, long branch, long callSite, long target, long inside) {
    depths.computeIfPresent(tid, (t, depth) -> depth == 1 ? null : depth - 1);
  }

  private void note(SideEvent event) {
    out.text("* ").text(Plain.text(EventText.of(event))).ascii('\n');
  }

  private void line(String branch, String tid, int depth, String words) {
    out.text(" ".repeat(Math.max(0, NUMBER_WIDTH - branch.length())))
        .text(branch)
        .text(" ".repeat(Math.max(1, TID_WIDTH - tid.length())))
        .text(tid)
        .text("  ".repeat(1 + Math.min(depth, DEPTH_SHOWN_MAX)))
        .text(depth > DEPTH_SHOWN_MAX ? "[" + depth + "] " : "")
        .text(Plain.text(words))
        .ascii('\n');
  }

  private String words(int pid, long address) {
    Location location = symbolizer.locate(pid, address);
    if (location.module().isEmpty()) {
      return Long.toHexString(address);
    }
    return location.function().isEmpty()
        ? location.moduleName() + "+0x" + Long.toHexString(location.offset())
        : location.function() + " (" + location.moduleName() + ")";
  }
}
