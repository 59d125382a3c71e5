package dev.bts.sim.rules;

import java.util.List;

/** The rows of the catalogue about memory pinned through descriptors: rings, maps, devices. */
final class PinRows {
  private static final Bounds ROOMY = Bounds.SMALL.withLimits(4, 0, 1);

  private PinRows() {}

  static List<CatalogueRow> rows() {
    Rules user = Subsystems.pins(Subsystems.USER);
    Rules locked = Subsystems.pins(Subsystems.LOCKED);
    Rules pinned = Subsystems.pins(Subsystems.PINNED);
    Rules deferred =
        Subsystems.pins(Subsystems.PINNED.unchecked())
            .with(Ending.CLOSE.then(Pages.DEFERRED, Refund.NOBODY));
    Rules byCloser =
        pinned.with(Sharing.SAME_ADDRESS_SPACE, Ending.CLOSE.then(Pages.FREED, Refund.CLOSER));
    Rules recharged =
        locked.with(
            Ending.PAYER_GONE.then(Pages.KEPT, Refund.MOVE),
            Ending.CLOSE.then(Pages.FREED, Refund.CURRENT));
    return List.of(
        CatalogueRow.of(
            24,
            "the ring is closed, its refund waits for a worker, the next ring is refused (before"
                + " 309fc03a3284)",
            user,
            Ending.CLOSE.then(Pages.DEFERRED, Refund.NOBODY),
            Invariant.JUSTIFIED),
        CatalogueRow.of(
                25,
                "the address space is dropped before its pinned_vm is refunded",
                deferred,
                Ending.WORK.then(Pages.FREED, Refund.NOBODY),
                Invariant.COUNTERS)
            .on(ROOMY),
        CatalogueRow.of(
                26,
                "registered buffers are cloned to a ring of another address space, which is"
                    + " refunded (before 19d340a2988d)",
                byCloser,
                Sharing.ANYONE,
                Invariant.COUNTERS)
            .without(OperationKind.FORK, OperationKind.EXEC)
            .leavingOut("a ring and its registered buffers are one object"),
        CatalogueRow.of(
                27,
                "mlock and a registered memory region charge locked_vm for the same pages (before"
                    + " bc3e53f682d9)",
                pinned.with(Relock.CHARGE_LOCKED),
                Charging.first(Subsystems.LOCKED),
                Invariant.BACKED)
            .without(OperationKind.FORK, OperationKind.SHARE, OperationKind.EXEC)
            .on(ROOMY),
        CatalogueRow.of(
                28,
                "a refund needs memory, and without it the charge stays (before 1bf66a30421)",
                deferred,
                Ending.WORK.then(Pages.FREED, Refund.PAYER_IF_MEMORY),
                Invariant.COUNTERS)
            .on(ROOMY),
        CatalogueRow.of(
            29,
            "two registrations read the counter, and both add to it (before 65a8fc30fb67)",
            user,
            Admission.CHECK_THEN_ADD,
            Invariant.ENTITLEMENT),
        CatalogueRow.of(
                30,
                "exec leaves the charge behind, and unmapping refunds the new address space (before"
                    + " 046eca5018f8 and 90fdd158a695)",
                recharged,
                Ending.PAYER_GONE.then(Pages.KEPT, Refund.NOBODY),
                Invariant.COUNTERS)
            .without(OperationKind.FORK, OperationKind.SHARE),
        CatalogueRow.of(
                31,
                "mappings of device memory cost kernel memory that nobody pays (CVE-2019-3882)",
                user,
                Charging.first(KernelPayer.nobody("nobody, for device memory")),
                Invariant.BACKED)
            .leavingOut("the kernel bounds their number; here they are charged to the user"),
        CatalogueRow.of(
            32,
            "an update fails midway and leaves pages pinned (before ad89653f79f1)",
            user,
            Failure.KEEP_PAGES,
            Invariant.QUIET),
        CatalogueRow.of(
            33,
            "the size of a map is computed as nothing (before 60e5ca8a64ba)",
            user,
            Charging.first(KernelPayer.nobody("user, of zero pages")),
            Invariant.BACKED),
        CatalogueRow.of(
            34,
            "the refund is skipped when the maker has exited (before 044175a06706)",
            user,
            Ending.CLOSE.then(Pages.FREED, Refund.PAYER_IF_MAKER_LIVES),
            Invariant.COUNTERS),
        CatalogueRow.of(
                39,
                "who disables it is refunded, whoever enabled it (KVM on s390, pci)",
                locked,
                Ending.CLOSE.then(Pages.FREED, Refund.CURRENT),
                Invariant.COUNTERS)
            .leavingOut("its two other faults are those of rows 37 and 20"));
  }
}
