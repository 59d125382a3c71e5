package dev.bts.sim.rules;

import dev.bts.accounting.UserPays;
import java.util.List;
import java.util.stream.Stream;

/** The rules of kernel generations and of subsystems, with the mistakes that they had together. */
public final class Generations {
  /** Two processes of one of two users, and room for a third task. */
  private static final Bounds PROCESSES = Bounds.SMALL.withActors(3, 2);

  /** One process, with room for a second one, of two users. */
  private static final Bounds ONE_PROCESS = Bounds.SMALL.withProcesses(1).withActors(2, 2);

  private static final List<RuleBook.Entry> ALL = collect();

  private Generations() {}

  private static List<RuleBook.Entry> collect() {
    Rules tracer = Subsystems.trace(Subsystems.TRACER);
    Rules rfc =
        Subsystems.trace(Subsystems.TRACEE)
            .with(
                Ending.TRACER_EXIT.then(Pages.KEPT, Refund.NOBODY),
                Ending.TRACEE_EXIT.then(Pages.FREED, Refund.NOBODY),
                Ending.PAYER_GONE.then(Pages.KEPT, Refund.NOBODY));
    Rules perf = Subsystems.perf();
    Rules pinned = Subsystems.pins(Subsystems.USER);
    Rules deferred = pinned.with(Ending.CLOSE.then(Pages.DEFERRED, Refund.NOBODY));
    Rules vfio = Subsystems.pins(Subsystems.LOCKED);
    return Stream.of(
            rfc.with(
                    Ending.RESIZE.then(Pages.FREED, Refund.TRACEE),
                    Ending.DETACH.then(Pages.FREED, Refund.TRACEE),
                    Ending.REAP.then(Pages.FREED, Refund.TRACEE))
                .named("rfc-2008", "the patch of the RFC of 2008: the tracee pays and is refunded"),
            rfc.with(
                    Ending.RESIZE.then(Pages.FREED, Refund.CURRENT),
                    Ending.DETACH.then(Pages.FREED, Refund.CURRENT),
                    Ending.REAP.then(Pages.FREED, Refund.NOBODY))
                .named(
                    "rfc-2008-current",
                    "the RFC of 2008 as its text describes it: the tracee pays, the current task is"
                        + " refunded"),
            tracer
                .with(
                    Ending.RESIZE.then(Pages.FREED, Refund.CURRENT),
                    Ending.DETACH.then(Pages.FREED_IF_ACTIVE, Refund.CURRENT),
                    Ending.TRACER_EXIT.then(Pages.FREED, Refund.NOBODY),
                    Ending.REAP.then(Pages.FREED, Refund.NOBODY),
                    Ending.PAYER_GONE.then(Pages.KEPT, Refund.NOBODY))
                .named(
                    "linux-2.6.29",
                    "Linux 2.6.29 and 2.6.30: the current task pays and is refunded (c5dee6177f4,"
                        + " bf53de907df, 9f339e7028e)"),
            tracer
                .with(
                    Ending.DETACH.then(Pages.DEFERRED, Refund.NOBODY),
                    Ending.TRACER_EXIT.then(Pages.DEFERRED, Refund.NOBODY),
                    Ending.REAP.then(Pages.DEFERRED, Refund.NOBODY),
                    Ending.PAYER_GONE.then(Pages.KEPT, Refund.NOBODY))
                .named(
                    "linux-2.6.31",
                    "Linux 2.6.31 to 2.6.34: the payer is remembered, a worker"
                        + " refunds (e2b371f00a6, 0f4814065ff, 1cb81b143fa)"),
            perf.with(
                    Charging.first(new GiftPayer(GiftPayer.Formula.CUMULATIVE)),
                    Ending.UNMAP.then(Pages.FREED, Refund.CURRENT_USER))
                .named(
                    "perf-2.6.31",
                    "perf in Linux 2.6.31: all pages on the user, the excess on locked_vm as well,"
                        + " the current user is refunded"),
            perf.with(Ending.UNMAP.then(Pages.FREED, Refund.CLOSER))
                .named(
                    "perf-6.12",
                    "perf_mmap() of Linux 6.12: the closing address space is refunded"),
            perf.named(
                "perf-fixed", "perf, if who paid were refunded and a buffer ended with its payer"),
            deferred.named(
                "io-uring-6.12", "io_uring of Linux 6.12: the user pays, a worker refunds"),
            pinned.named("io-uring-fixed", "io_uring, if closing refunded at once"),
            vfio.with(
                    Ending.PAYER_GONE.then(Pages.KEPT, Refund.NOBODY),
                    Ending.CLOSE.then(Pages.FREED, Refund.CURRENT))
                .named(
                    "vfio-5.1", "vfio before 046eca5018f8: the current address space is refunded"),
            vfio.with(Ending.PAYER_GONE.then(Pages.KEPT, Refund.NOBODY))
                .named(
                    "vfio-6.2",
                    "vfio with 046eca5018f8: the address space that paid is remembered"),
            vfio.with(Ending.PAYER_GONE.then(Pages.KEPT, Refund.MOVE))
                .named(
                    "vfio-6.3",
                    "vfio with 90fdd158a695: after exec the new address space is charged"),
            Subsystems.pins(Subsystems.LOCKED)
                .with(Relock.CHARGE_LOCKED)
                .named("rdma-3.1", "InfiniBand before bc3e53f682d9: pinned pages count as mlocked"),
            Subsystems.pins(Subsystems.PINNED)
                .with(Relock.CHARGE_LOCKED)
                .named(
                    "rdma-3.2",
                    "InfiniBand with bc3e53f682d9: pinned pages have their own counter"),
            Subsystems.segments()
                .with(Charging.first(new UserPays()))
                .named(
                    "shm-lock", "SHM_LOCK of Linux 6.12: the locker's user pays, in its namespace"))
        .map(rules -> new RuleBook.Entry(rules, bounds(rules)))
        .toList();
  }

  private static Bounds bounds(Rules rules) {
    boolean namespaces = rules.operations().contains(OperationKind.ENTER_NAMESPACE);
    return rules.operations().contains(OperationKind.MAP)
        ? ONE_PROCESS
        : namespaces ? PROCESSES.withActors(2, 1).withNamespaces(1) : PROCESSES;
  }

  /** Returns all of them, in the order of time, each with a machine to look at it on. */
  public static List<RuleBook.Entry> all() {
    return ALL;
  }
}
