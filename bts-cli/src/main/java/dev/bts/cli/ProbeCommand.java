package dev.bts.cli;

import dev.bts.api.BranchTracers;
import dev.bts.api.probe.ProbeReport;
import dev.bts.cli.text.TextOutput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bts probe}: what works on this machine, measured. */
@Command(
    name = ProbeCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Measures which mechanisms and payers work on this machine, and says why the rest does"
            + " not and what to do.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  bts probe",
      "  bts probe --json | jq -r '.mechanisms[] | select(.works) | .subject'"
    })
final class ProbeCommand implements Callable<Integer>, Verb {
  private static final int INDENT = 14;

  static final String NAME = "probe";

  private final Console console;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--backend", hidden = true, defaultValue = "kernel")
  private String backend = "kernel";

  /** Creates the verb. */
  ProbeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ProbeReport report = BranchTracers.named(backend).probe();
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("machine", report.machine());
      tree.put("mechanisms", report.mechanisms().stream().map(ProbeCommand::tree).toList());
      tree.put("payers", report.payers().stream().map(ProbeCommand::tree).toList());
      Json.print(console.out(), tree);
    } else {
      try (TextOutput out = new TextOutput(console.out())) {
        report.machine().forEach((name, value) -> line(out, name, value));
        findings(out, "Mechanisms", report.mechanisms());
        findings(out, "Payers", report.payers());
      }
    }
    return ExitCode.OK;
  }

  private static void findings(TextOutput out, String title, List<ProbeReport.Finding> findings) {
    out.ascii('\n').text(title).ascii('\n');
    for (ProbeReport.Finding finding : findings) {
      line(out, finding.subject(), (finding.works() ? "works: " : "no: ") + finding.measured());
      if (!finding.obstacle().isEmpty()) {
        line(out, "", finding.obstacle());
      }
      if (!finding.remedy().isEmpty()) {
        line(out, "", "→ " + finding.remedy());
      }
    }
  }

  private static void line(TextOutput out, String name, String value) {
    out.text(Plain.text(name + " ".repeat(Math.max(1, INDENT - name.length())) + value))
        .ascii('\n');
  }

  private static Map<String, Object> tree(ProbeReport.Finding finding) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("subject", finding.subject());
    tree.put("works", finding.works());
    tree.put("measured", finding.measured());
    tree.put("obstacle", finding.obstacle());
    tree.put("remedy", finding.remedy());
    return tree;
  }
}
