package dev.bts.it.containers;

import dev.bts.api.Fidelity;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.report.Payment;
import dev.bts.cli.report.Payments;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.cli.trace.TraceReader;
import dev.bts.cli.trace.TraceVisitor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a trace file says, read once: how complete it is, who paid, and the side events.
 *
 * @param header what the trace says about itself; empty if that part is lost
 * @param fidelity how much of what happened it holds; empty if its recording was cut short
 * @param branches how many branches are in the file
 * @param lost how many were lost while they were recorded
 * @param damage what of the file could not be read
 * @param payments the receipts, in the order of their charges, and whether they were refunded
 * @param drifts where ledger and kernel disagreed
 * @param processes the ids of the traced processes, as bts saw them
 * @param events all side events, in stream order
 */
public record Trace(
    Optional<TraceHeader> header,
    Optional<Fidelity> fidelity,
    long branches,
    long lost,
    List<Damage> damage,
    List<Payment> payments,
    List<SideEvent.AccountingDrift> drifts,
    Set<Integer> processes,
    List<SideEvent> events) {
  /** Copies. */
  public Trace {
    damage = List.copyOf(damage);
    payments = List.copyOf(payments);
    drifts = List.copyOf(drifts);
    processes = Set.copyOf(processes);
    events = List.copyOf(events);
  }

  /** Reads a trace file to its end. */
  public static Trace read(Path file) {
    try (TraceReader reader = TraceReader.open(file)) {
      Collector collector = new Collector();
      reader.read(collector);
      return new Trace(
          reader.header(),
          reader.fidelity(),
          collector.branches,
          reader.totals().lost(),
          reader.damage(),
          collector.payments.list(),
          collector.of(SideEvent.AccountingDrift.class),
          collector.processes(),
          collector.events);
    }
  }

  /** Takes what the reader hands over. */
  private static final class Collector implements TraceVisitor {
    private final List<SideEvent> events = new ArrayList<>();
    private final Payments payments = new Payments(Integer.MAX_VALUE);
    private long branches;

    @Override
    public void branches(BranchCursor cursor) {
      while (cursor.next()) {
        branches++;
      }
    }

    @Override
    public void event(SideEvent event) {
      events.add(event);
      payments.add(event);
    }

    private <E extends SideEvent> List<E> of(Class<E> kind) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private Set<Integer> processes() {
      Set<Integer> processes = new LinkedHashSet<>();
      of(SideEvent.ProcessStarted.class).forEach(event -> processes.add(event.pid()));
      return processes;
    }
  }
}
