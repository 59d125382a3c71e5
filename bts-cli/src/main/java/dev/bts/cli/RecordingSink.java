package dev.bts.cli;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import dev.bts.cli.report.Remarks;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hands a trace on, if anybody wants it, and remembers what the summary needs. */
final class RecordingSink implements TraceSink {
  private final @Nullable TraceSink next;
  private final Set<Long> refunded = new HashSet<>();
  private final Set<Long> adopted = new HashSet<>();
  private final Remarks remarks = new Remarks();
  private long drifts;

  RecordingSink(@Nullable TraceSink next) {
    this.next = next;
  }

  @Override
  public void branches(BranchCursor cursor) {
    if (next != null) {
      next.branches(cursor);
    }
  }

  @Override
  public void event(SideEvent event) {
    note(event);
    if (next != null) {
      next.event(event);
    }
  }

  private synchronized void note(SideEvent event) {
    remarks.add(event);
    if (event instanceof SideEvent.Refunded refund) {
      refunded.add(refund.receipt().id());
    } else if (event instanceof SideEvent.Adopted adoption) {
      adopted.add(adoption.receipt().id());
    } else if (event instanceof SideEvent.AccountingDrift) {
      drifts++;
    }
  }

  synchronized boolean isRefunded(long receiptId) {
    return refunded.contains(receiptId);
  }

  /** Returns whether a receipt is for what a dead session had charged. */
  synchronized boolean isAdopted(long receiptId) {
    return adopted.contains(receiptId);
  }

  /** Returns how threads were seen and why branches were lost, so many of the first of these. */
  synchronized List<String> remarks(int most) {
    return remarks.list(most);
  }

  synchronized long drifts() {
    return drifts;
  }
}
