package dev.bts.cli.report;

import dev.bts.api.charging.Charge;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.TraceHeader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report as a tree of maps, lists and values, for JSON. Unknown values are null. */
public final class ReportTree {
  private ReportTree() {}

  /** Returns the tree. */
  public static Map<String, @Nullable Object> of(TraceReport report) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("file", report.file().toString());
    tree.put("header", report.header().map(ReportTree::header).orElse(null));
    tree.put("finished", report.fidelity().isPresent());
    tree.put("fidelity", report.fidelity().map(f -> f.label()).orElse(null));
    tree.put("branches", report.branchesRead());
    tree.put("lost", report.totals().lost());
    tree.put("missing", report.damage().stream().map(ReportTree::damage).toList());
    tree.put("threads", report.threads().stream().map(ReportTree::thread).toList());
    tree.put("functions", report.functions().stream().map(ReportTree::function).toList());
    tree.put("receipts", report.payments().stream().map(ReportTree::payment).toList());
    tree.put("drifts", report.drifts());
    tree.put("notes", report.notes());
    return tree;
  }

  private static Map<String, @Nullable Object> header(TraceHeader header) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("writer", header.writer());
    tree.put("machine", header.machine());
    tree.put("mechanism", header.mechanism().label());
    tree.put("fidelity", header.fidelity().label());
    tree.put("command", header.command());
    tree.put("pid", header.pid());
    tree.put("start", header.start().toString());
    return tree;
  }

  private static Map<String, @Nullable Object> damage(Damage damage) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("first_byte", damage.firstByte());
    tree.put("end_byte", damage.endByte());
    tree.put("branches", damage.records() == Damage.UNKNOWN ? null : damage.records());
    tree.put("events", damage.events() == Damage.UNKNOWN ? null : damage.events());
    tree.put("reason", damage.reason());
    return tree;
  }

  private static Map<String, @Nullable Object> thread(ThreadCount thread) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("tid", thread.tid());
    tree.put("pid", thread.pid());
    tree.put("comm", thread.comm());
    tree.put("branches", thread.branches());
    tree.put("lost", thread.lost());
    return tree;
  }

  private static Map<String, @Nullable Object> function(FunctionCount function) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("module", function.module().isEmpty() ? null : function.module());
    tree.put("function", function.function().isEmpty() ? null : function.function());
    tree.put("from", function.from());
    tree.put("to", function.to());
    return tree;
  }

  private static Map<String, @Nullable Object> payment(Payment payment) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", payment.receipt().id());
    tree.put("policy", payment.receipt().policy());
    tree.put("buffer", payment.receipt().buffer());
    tree.put("pages", payment.receipt().pages());
    tree.put(
        "lifted_by", payment.receipt().liftedBy().isEmpty() ? null : payment.receipt().liftedBy());
    tree.put("refunded", payment.refunded());
    List<Map<String, Object>> charges =
        payment.receipt().charges().stream().map(ReportTree::charge).toList();
    tree.put("charges", charges);
    return tree;
  }

  private static Map<String, Object> charge(Charge charge) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("account", charge.account().kind().counter());
    tree.put("owner", charge.account().owner().toString());
    tree.put("pages", charge.pages());
    return tree;
  }
}
