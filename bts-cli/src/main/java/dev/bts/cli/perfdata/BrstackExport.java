package dev.bts.cli.perfdata;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.Bts24;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.export.TextExport;
import dev.bts.cli.trace.TraceHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * A trace as {@code perf script -F brstack} prints it: a line for each branch stack, the newest
 * branch first. What was sampled keeps its stacks; a complete trace is cut into stacks of 32.
 */
public final class BrstackExport extends TextExport {
  private static final int RECORDS_MAX = 1 << 20;

  private final boolean predictionKnown;
  private final PendingBranches pending =
      new PendingBranches(BranchStackExport.STACK_ENTRIES, RECORDS_MAX, this::line);

  /** Threads that were sampled and of which no branch has come since. */
  private final Set<Integer> empty = new HashSet<>();

  /** Opens a file for the export. */
  public BrstackExport(Path path, TraceHeader header) throws IOException {
    super(path);
    predictionKnown = header.mechanism().recordsIntoPerfRing();
  }

  @Override
  public void branches(BranchCursor cursor) {
    pending.add(cursor);
  }

  @Override
  public void event(SideEvent event) {
    if (event instanceof SideEvent.Sampled sample) {
      pending.flush(sample.tid());
      if (!empty.add(sample.tid())) {
        out().ascii('\n');
      }
    } else if (event instanceof SideEvent.Lost) {
      flushBranches();
    }
  }

  @Override
  public void finish() {
    flushBranches();
    out().flush();
  }

  private void flushBranches() {
    pending.flush();
    empty.forEach(tid -> out().ascii('\n'));
    empty.clear();
  }

  private void line(int tid, ByteBuffer records) {
    empty.remove(tid);
    for (int at = records.limit() - Bts24.RECORD_BYTES; at >= 0; at -= Bts24.RECORD_BYTES) {
      boolean predicted = (records.getInt(at + Bts24.FLAGS_OFFSET) & Bts24.FLAG_PREDICTED) != 0;
      char known = predicted ? 'P' : 'M';
      out()
          .text(" 0x")
          .hex(records.getLong(at + Bts24.FROM_OFFSET))
          .text("/0x")
          .hex(records.getLong(at + Bts24.TO_OFFSET))
          .ascii('/')
          .ascii(predictionKnown ? known : '-')
          .text("/-/-/0/ ");
    }
    out().ascii('\n');
  }
}
