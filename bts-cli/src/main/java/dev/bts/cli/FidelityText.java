package dev.bts.cli;

import dev.bts.accounting.operations.Difference;
import dev.bts.accounting.operations.Fidelity;
import dev.bts.accounting.operations.MachineFacts;
import dev.bts.accounting.operations.Operation;
import dev.bts.cli.text.TextOutput;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a comparison gave, as text and as a tree. */
record FidelityText(MachineFacts machine, String model, Fidelity.Report report) {
  void print(TextOutput out) {
    out.text(
        Plain.count(report.sequences(), "sequence", "sequences")
            + ", "
            + Plain.count(report.steps(), "step", "steps")
            + " compared, "
            + report.refused()
            + " of them refused by both; Linux "
            + Plain.text(machine.kernel())
            + ", model "
            + model
            + "\n");
    report
        .disturbed()
        .forEach((reason, count) -> out.text("skipped " + count + ": " + reason + "\n"));
    report.finding().ifPresent(finding -> print(out, finding));
    if (report.finding().isEmpty() && report.sequences() > 0) {
      out.text("no difference\n");
    }
  }

  private static void print(TextOutput out, Fidelity.Finding finding) {
    out.text("a difference" + (finding.seed() == 0 ? "" : " (seed " + finding.seed() + ")"));
    out.text(" in " + Plain.count(finding.sequence().size(), "operation", "operations") + ":\n");
    for (int i = 0; i < finding.sequence().size(); i++) {
      out.text("  " + (i + 1) + ". " + finding.sequence().get(i) + "\n");
    }
    out.text(finding.difference() + "\nagain with: " + finding.replay() + "\n");
  }

  Map<String, @Nullable Object> tree() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("kernel", machine.kernel());
    tree.put("model", model);
    tree.put("sequences", report.sequences());
    tree.put("steps", report.steps());
    tree.put("refused", report.refused());
    tree.put("results", report.results());
    tree.put("skipped", report.disturbed());
    tree.put("difference", report.finding().map(FidelityText::tree).orElse(null));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(Fidelity.Finding finding) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    Difference difference = finding.difference();
    tree.put("seed", finding.seed());
    tree.put("step", difference.step());
    tree.put("operation", difference.operation().toString());
    tree.put("what", difference.what());
    tree.put("machine", difference.machine());
    tree.put("model", difference.model());
    tree.put("sequence", finding.sequence().stream().map(Operation::toString).toList());
    tree.put("replay", finding.replay());
    return tree;
  }
}
