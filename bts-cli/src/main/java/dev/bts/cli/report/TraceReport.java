package dev.bts.cli.report;

import dev.bts.api.Fidelity;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.cli.trace.TraceReader;
import dev.bts.cli.trace.TraceTotals;
import dev.bts.cli.trace.TraceVisitor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a trace tells, counted.
 *
 * @param file the trace file
 * @param header what it says about itself, if that is readable
 * @param fidelity how much of what happened it holds; empty if it was not finished
 * @param totals what it holds by its own account
 * @param branchesRead the branches that could be read
 * @param damage what could not
 * @param threads by number of branches, most first
 * @param functions by number of branches from and to, most first
 * @param payments receipts in order of charge
 * @param drifts how often ledger and kernel disagreed
 * @param notes how threads were seen and why branches were lost, why files have no symbols, and
 *     what was left out
 */
public record TraceReport(
    Path file,
    Optional<TraceHeader> header,
    Optional<Fidelity> fidelity,
    TraceTotals totals,
    long branchesRead,
    List<Damage> damage,
    List<ThreadCount> threads,
    List<FunctionCount> functions,
    List<Payment> payments,
    long drifts,
    List<String> notes) {
  /**
   * Reads a whole trace and counts.
   *
   * @param watch may put a visitor of its own in front, to watch the reading
   */
  public static TraceReport of(Path file, TraceReader reader, UnaryOperator<TraceVisitor> watch) {
    Profile profile = new Profile();
    reader.read(watch.apply(profile));
    Payments journal = new Payments(Payments.LISTED_MAX);
    reader.readJournal(journal::add);
    // The journal stands at the end: a trace that was cut off has the stream's events only.
    Payments payments =
        journal.list().size() >= profile.payments().list().size() ? journal : profile.payments();
    return new TraceReport(
        file,
        reader.header(),
        reader.fidelity(),
        reader.totals(),
        profile.branches(),
        reader.damage(),
        profile.threads(),
        profile.functions(),
        payments.list(),
        payments.drifts(),
        profile.notes());
  }
}
