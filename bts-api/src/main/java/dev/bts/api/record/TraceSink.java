package dev.bts.api.record;

/**
 * The receiver of a trace: branches and side events in stream order.
 *
 * <p>Called on the session's own thread. What a sink throws ends the session: the tracees are let
 * go, and the exception comes out of {@code await}, {@code drain} or {@code detach}.
 */
public interface TraceSink {
  /** Takes a run of records. The cursor and what it points to are valid during the call only. */
  void branches(BranchCursor cursor);

  /** Takes a side event: everything handed over before it happened before it. */
  void event(SideEvent event);
}
