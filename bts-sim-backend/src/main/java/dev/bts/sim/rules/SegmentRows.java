package dev.bts.sim.rules;

import java.util.List;

/** The rows of the catalogue about locked segments and locked mappings. */
final class SegmentRows {
  private SegmentRows() {}

  static List<CatalogueRow> rows() {
    Rules segments = Subsystems.segments();
    Rules pool =
        segments.with(
            MemoryKind.RESERVED_POOL, Charging.first(KernelPayer.nobody("nobody, from the pool")));
    Rules bySize = segments.with(Ending.CLOSE.then(Pages.FREED, Refund.SIZE_TO_MAKER));
    Rules secret =
        Subsystems.without(
                Subsystems.perf(), OperationKind.MAP, OperationKind.SHARE, OperationKind.FORK)
            .with(
                Charging.first(Subsystems.LOCKED),
                Ending.UNMAP.then(Pages.FREED_IF_CLOSED, Refund.PAYER));
    return List.of(
        CatalogueRow.of(
                35,
                "SHM_LOCK again, as another user, overwrites the payer (before 7be77e20d59)",
                segments,
                Relock.OVERWRITE_PAYER,
                Invariant.COUNTERS)
            .on(Bounds.SMALL.withActors(3, 2))
            .leavingOut("a segment lives as long as somebody has attached it"),
        CatalogueRow.of(
            36,
            "a segment of huge pages is not charged, and its removal refunds its size (before"
                + " 353d5c30c66)",
            pool,
            Ending.CLOSE.then(Pages.FREED, Refund.SIZE_TO_MAKER),
            Invariant.COUNTERS),
        CatalogueRow.of(
                37,
                "the charge fails and the lock is allowed (before e97824ff663c)",
                bySize,
                Failure.IGNORE,
                Invariant.COUNTERS)
            .without(
                OperationKind.SET_USER,
                OperationKind.SHARE,
                OperationKind.FORK,
                OperationKind.CLONE),
        CatalogueRow.of(
            38,
            "unmapping refunds pages that stay in the file (secretmem)",
            secret,
            Ending.UNMAP.then(Pages.KEPT, Refund.PAYER),
            Invariant.BACKED),
        CatalogueRow.of(
                40,
                "locking again charges again (mlock2 with MLOCK_ONFAULT, then mlock)",
                segments.with(Charging.first(Subsystems.LOCKED)),
                Relock.CHARGE_AGAIN,
                Invariant.BACKED)
            .leavingOut("the leak of MREMAP_DONTUNMAP and the overflow of a page count"),
        CatalogueRow.of(
                41,
                "each user namespace has a limit of its own, and that of its creator holds nothing",
                segments.with(Charging.first(Subsystems.USER.withAncestors())),
                Charging.first(Subsystems.USER),
                Invariant.ENTITLEMENT)
            .on(Bounds.SMALL.withNamespaces(1)));
  }
}
