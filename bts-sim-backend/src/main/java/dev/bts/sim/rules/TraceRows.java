package dev.bts.sim.rules;

import dev.bts.accounting.TraceePays;
import java.util.List;

/** The rows of the catalogue about trace buffers that ptrace hung on a task (2.6.25 to 2.6.34). */
final class TraceRows {
  private TraceRows() {}

  static List<CatalogueRow> rows() {
    Rules tracer = Subsystems.trace(Subsystems.TRACER);
    Rules tracee = Subsystems.trace(Subsystems.TRACEE);
    Rules reattached =
        tracee.with(Orphans.FOUND, Ending.TRACER_EXIT.then(Pages.KEPT, Refund.NOBODY));
    Rules left = tracer.with(Orphans.FOUND, Ending.DETACH.then(Pages.KEPT, Refund.NOBODY));
    return List.of(
        CatalogueRow.of(
            1,
            "RFC of 2008: the tracer ends, nobody detaches, the payer is never refunded",
            tracee,
            Ending.TRACER_EXIT.then(Pages.KEPT, Refund.NOBODY),
            Invariant.QUIET),
        CatalogueRow.of(
            2,
            "RFC of 2008: another tracer attaches and shrinks the buffer that it finds, and is"
                + " refunded what it has not paid",
            reattached,
            Ending.RESIZE.then(Pages.FREED, Refund.CURRENT),
            Invariant.COUNTERS),
        CatalogueRow.of(
                3,
                "RFC of 2008: the tracee pays, whoever it belongs to",
                tracee.with(Charging.first(new TraceePays())),
                Charging.first(Subsystems.TRACEE),
                Invariant.CONSENT)
            .on(Bounds.SMALL.withActors(3, 2)),
        CatalogueRow.of(
            4,
            "2.6.25: the current task pays and is refunded, on a buffer that outlives its tracing"
                + " (da35c371981)",
            left,
            Ending.RESIZE.then(Pages.FREED, Refund.CURRENT),
            Invariant.COUNTERS),
        CatalogueRow.of(
            5,
            "fork copies the pointer to the buffer (before bf53de907df, 40f15ad8aad)",
            tracer,
            Inheritance.POINTER,
            Invariant.RECEIPTS),
        CatalogueRow.of(
            6,
            "fork copies the pointer unless the child is traced (before 06eb23b1ba3)",
            tracer,
            Inheritance.POINTER_UNLESS_TRACED,
            Invariant.RECEIPTS),
        CatalogueRow.of(
                7,
                "detach and the reaping of the killed tracee by another thread free twice (before"
                    + " 9f339e7028e)",
                tracer,
                Release.FIND_THEN_FREE,
                Invariant.RECEIPTS)
            .on(Bounds.SMALL.withBuffers(1, 1)),
        CatalogueRow.of(
            8,
            "2.6.29: reaping the tracee frees the buffer and refunds nobody",
            tracer,
            Ending.REAP.then(Pages.FREED, Refund.NOBODY),
            Invariant.COUNTERS),
        CatalogueRow.of(
            9,
            "2.6.29: detach refunds, but frees only what is configured",
            tracer,
            Ending.DETACH.then(Pages.FREED_IF_ACTIVE, Refund.PAYER),
            Invariant.BACKED),
        CatalogueRow.of(
            10,
            "2.6.31: the buffer keeps the address space that paid, which exec leaves behind",
            tracer,
            Ending.PAYER_GONE.then(Pages.KEPT, Refund.NOBODY),
            Invariant.BACKED));
  }
}
