package dev.bts.cli.report;

import dev.bts.api.Fidelity;
import dev.bts.api.charging.Charge;
import dev.bts.api.charging.Receipt;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceHeader;
import java.util.List;
import java.util.Locale;

/** A report as text for people. */
public final class ReportText {
  private static final int ROWS = 40;
  private static final double PERCENT = 100;

  private final TraceReport report;
  private final StringBuilder text = new StringBuilder();

  /** Creates it; {@link #toString} makes the text. */
  public ReportText(TraceReport report) {
    this.report = report;
  }

  @Override
  public String toString() {
    text.setLength(0);
    head();
    counts();
    threads();
    functions();
    payments();
    for (String note : report.notes()) {
      line("note: %s", note);
    }
    return text.toString();
  }

  private void head() {
    TraceHeader header = report.header().orElse(null);
    if (header == null) {
      line("%s: its header is lost", report.file());
      return;
    }
    String fidelity = report.fidelity().orElse(header.fidelity()).label();
    String what =
        header.command().isEmpty() ? "process " + header.pid() : String.join(" ", header.command());
    line("%s: %s, %s: %s", report.file(), header.mechanism().label(), fidelity, what);
    line("recorded %s by %s on %s", header.start(), header.writer(), facts(header));
    if (report.fidelity().isEmpty()) {
      line("NOT FINISHED: the end of the trace is missing");
    } else if (report.fidelity().get() == Fidelity.WINDOWED) {
      line("only a window of the run: the buffer was smaller than the run");
    }
  }

  private static String facts(TraceHeader header) {
    return String.join(
        ", ",
        header.machine().entrySet().stream().map(f -> f.getKey() + " " + f.getValue()).toList());
  }

  private void counts() {
    line("");
    line(
        "%d branches in %d %s, %d lost while tracing",
        report.branchesRead(),
        report.threads().size(),
        report.threads().size() == 1 ? "thread" : "threads",
        report.totals().lost());
    for (Damage damage : report.damage()) {
      line("MISSING from the file: %s", damage);
    }
  }

  private void threads() {
    line("");
    line("%12s %10s  %8s %8s  %s", "branches", "lost", "pid", "tid", "thread");
    for (ThreadCount thread : head(report.threads())) {
      line(
          "%12d %10d  %8d %8d  %s",
          thread.branches(), thread.lost(), thread.pid(), thread.tid(), thread.comm());
    }
    more(report.threads());
  }

  private void functions() {
    line("");
    line("%12s %12s %7s  %s", "from", "to", "", "function");
    for (FunctionCount function : head(report.functions())) {
      line(
          "%12d %12d %6.2f%%  %s",
          function.from(),
          function.to(),
          PERCENT * function.from() / Math.max(1, report.branchesRead()),
          name(function));
    }
    more(report.functions());
  }

  private static String name(FunctionCount function) {
    String module = function.module().substring(function.module().lastIndexOf('/') + 1);
    if (module.isEmpty()) {
      return "[not mapped]";
    }
    return function.function().isEmpty()
        ? module + " (no symbol)"
        : function.function() + " (" + module + ")";
  }

  private void payments() {
    line("");
    if (report.payments().isEmpty()) {
      line("nothing was charged");
    }
    for (Payment payment : report.payments()) {
      Receipt receipt = payment.receipt();
      line(
          "receipt %d: %d pages for %s, by policy %s%s, %s",
          receipt.id(),
          receipt.pages(),
          receipt.buffer(),
          receipt.policy(),
          receipt.liftedBy().isEmpty() ? "" : ", limit lifted by " + receipt.liftedBy(),
          payment.refunded() ? "refunded" : "NOT refunded in the trace");
      for (Charge charge : receipt.charges()) {
        line("    %s", charge);
      }
    }
    if (report.drifts() > 0) {
      line("ledger and kernel disagreed %d times: see bts script", report.drifts());
    }
  }

  private static <T> List<T> head(List<T> rows) {
    return rows.subList(0, Math.min(ROWS, rows.size()));
  }

  private void more(List<?> rows) {
    if (rows.size() > ROWS) {
      line("… and %d more (all of them: --json)", rows.size() - ROWS);
    }
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
