package dev.bts.sim.rules;

import java.util.List;
import java.util.Set;

/** The rows of the catalogue about perf's ring buffers. */
final class PerfRows {
  /** One process with room for a second one, or a thread. */
  private static final Bounds SMALL = Bounds.SMALL.withProcesses(1).withActors(2, 1);

  private static final Bounds TWO_USERS = SMALL.withActors(2, 2);

  private PerfRows() {}

  static List<CatalogueRow> rows() {
    Rules perf = Subsystems.perf();
    Rules withAux = withSecond(perf).with(Charging.second(perf.charge));
    Rules redirected = perf.with(Ending.CLOSE.then(Pages.FREED, Refund.NOBODY));
    Rules withRing = withSecond(perf).with(Charging.second(Subsystems.USER));
    return List.of(
        row(
            11,
            "perf checks the limit and charges nothing (before ebb3c4c4cb8)",
            perf.with(Charging.first(Subsystems.LOCKED)),
            Charging.first(Subsystems.LOCKED.uncharged()),
            Invariant.BACKED),
        row(
            12,
            "the gift is given to each counter anew (before 789f90fcf6b)",
            perf,
            Charging.first(new GiftPayer(GiftPayer.Formula.PER_BUFFER)),
            Invariant.BACKED),
        row(
                13,
                "closing refunds the current user (before ac9721f3f54b)",
                perf,
                Ending.UNMAP.then(Pages.FREED, Refund.CURRENT_USER),
                Invariant.COUNTERS)
            .on(TWO_USERS.withBuffers(1, 2)),
        row(
                14,
                "the last reference is a redirected event, whose close has no address space to refund"
                    + " (before 9bb5d40cd93c)",
                redirected,
                Ending.UNMAP.then(Pages.FREED_IF_CLOSED, Refund.PAYER),
                Invariant.COUNTERS)
            .leavingOut("the redirected event is the descriptor itself, closed after the unmap"),
        row(
                15,
                "two threads unmap one buffer (CVE-2020-14351)",
                perf,
                Release.FIND_THEN_FREE,
                Invariant.RECEIPTS)
            .on(SMALL.withBuffers(1, 1)),
        row(
            16,
            "what is beyond the gift is charged again with every buffer (before d44248a41337)",
            perf,
            Charging.first(new GiftPayer(GiftPayer.Formula.CUMULATIVE)),
            Invariant.BACKED,
            Invariant.ENTITLEMENT),
        row(
            17,
            "the user's part is not refunded (before 36b3db03b474)",
            perf,
            Ending.UNMAP.then(Pages.FREED, Refund.WITHOUT_USER_PART),
            Invariant.COUNTERS),
        row(
                18,
                "the gift is lowered below its use, and the use is charged again (before"
                    + " 003461559ef7)",
                perf,
                Charging.first(new GiftPayer(GiftPayer.Formula.UNCLAMPED)),
                Invariant.BACKED)
            .leavingOut("the user's part becomes negative there, and is nothing here"),
        row(
            19,
            "a part is unmapped, and the references never reach zero (before b024d7b56c77)",
            perf,
            Split.COUNTED,
            Invariant.QUIET),
        row(
            20,
            "the pages are charged, mapping them fails, close is not called (before"
                + " f74b9f4ba63f)",
            perf,
            Failure.KEEP_CHARGE,
            Invariant.COUNTERS),
        row(
                21,
                "perf's gift lies on the counter that io_uring holds against RLIMIT_MEMLOCK",
                withRing,
                Charging.first(new GiftPayer(GiftPayer.Formula.SHARED_COUNTER)),
                Invariant.JUSTIFIED)
            .on(SMALL.withLimits(2, 0, 2)),
        row(
            22,
            "the address space that unmaps last is refunded what the first has paid",
            perf,
            Ending.UNMAP.then(Pages.FREED, Refund.CLOSER),
            Invariant.COUNTERS),
        row(
                23,
                "the AUX area is refunded to who has mapped the data area",
                withAux,
                Ending.UNMAP.then(Pages.FREED, Refund.FIRST_PAYER),
                Invariant.COUNTERS)
            .on(TWO_USERS.withBuffers(2, 1))
            .leavingOut("the AUX area is a second buffer of whoever has the event's descriptor"));
  }

  private static CatalogueRow row(
      int number, String bug, Rules sound, Choice fault, Invariant... effect) {
    return CatalogueRow.of(number, bug, sound, fault, effect).on(SMALL);
  }

  private static Rules withSecond(Rules perf) {
    Set<OperationKind> operations = perf.operations();
    operations.add(OperationKind.OPEN_SECOND);
    return perf.operating(operations);
  }
}
