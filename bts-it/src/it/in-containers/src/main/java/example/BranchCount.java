package example;

import dev.bts.accounting.Policies;
import dev.bts.api.BranchTracers;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;

/** Counts the branches that a command takes. */
public final class BranchCount implements TraceSink {
  private long branches;

  private BranchCount() {}

  /** Runs a command to its end and returns how many branches it and its children have taken. */
  public static long of(String... command) throws InterruptedException {
    BranchCount count = new BranchCount();
    TraceRequest request =
        TraceRequest.command(command).policy(Policies.named("tracer")).sink(count).build();
    try (TraceSession session = BranchTracers.named("kernel").open(request)) {
      session.start();
      session.await();
    }
    return count.branches;
  }

  @Override
  public void branches(BranchCursor cursor) {
    while (cursor.next()) {
      branches++;
    }
  }

  @Override
  public void event(SideEvent event) {}
}
