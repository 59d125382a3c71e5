package dev.bts.cli;

import dev.bts.cli.report.ReportText;
import dev.bts.cli.report.ReportTree;
import dev.bts.cli.report.TraceReport;
import dev.bts.cli.text.TextOutput;
import dev.bts.cli.trace.TraceReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bts report}: what a trace tells, counted. */
@Command(
    name = ReportCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Counts the branches of a trace by function and thread, and says what was lost"
            + " and who paid.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the trace was read",
      "1:it could not be read",
      "2:wrong usage",
      "3:the file is damaged; what is intact was counted"
    },
    footer = {
      "",
      "Examples:",
      "  bts report ls.bts",
      "  bts report --json ls.bts | jq '.functions[:5]'",
      "  bts report --calls ls.bts | less"
    })
final class ReportCommand implements Callable<Integer>, Verb {
  static final String NAME = "report";

  private final Console console;

  @ArgGroup private Form form = new Form();

  /** What is printed instead of the tables. */
  private static final class Form {
    @Option(names = "--json", description = "Print JSON, with all functions and threads.")
    private boolean json;

    @Option(
        names = "--calls",
        description = "Print the calls of all threads in their order, indented by depth.")
    private boolean calls;
  }

  @Parameters(paramLabel = "FILE", description = "The trace file.")
  @SuppressWarnings("NullAway.Init") // A required parameter: picocli sets it or refuses the call.
  private Path file;

  /** Creates the verb. */
  ReportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    return form.calls ? calls() : counts();
  }

  private int calls() {
    try (TraceReader reader = TraceReader.open(file);
        TextOutput out = new TextOutput(console.out())) {
      ReadingProgress progress =
          new ReadingProgress(console, reader.totals(), new CallHistory(out));
      reader.read(progress);
      progress.finish();
      return reader.damage().isEmpty() ? ExitCode.OK : ExitCode.DAMAGED;
    }
  }

  private int counts() {
    try (TraceReader reader = TraceReader.open(file)) {
      ReadingProgress[] progress = new ReadingProgress[1];
      TraceReport report =
          TraceReport.of(
              file,
              reader,
              visitor -> progress[0] = new ReadingProgress(console, reader.totals(), visitor));
      progress[0].finish();
      if (form.json) {
        Json.print(console.out(), ReportTree.of(report));
      } else {
        try (TextOutput out = new TextOutput(console.out())) {
          new ReportText(report)
              .toString()
              .lines()
              .forEach(l -> out.text(Plain.text(l)).ascii('\n'));
        }
      }
      return report.damage().isEmpty() ? ExitCode.OK : ExitCode.DAMAGED;
    }
  }
}
