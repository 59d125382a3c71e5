package dev.bts.cli;

import dev.bts.cli.text.TextOutput;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.Selection;
import dev.bts.cli.trace.TraceReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bts script}: a trace as text. */
@Command(
    name = ScriptCommand.NAME,
    mixinStandardHelpOptions = true,
    description = "Prints the branches of a trace as text, and what happened beside them.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the trace was printed",
      "1:it could not be read",
      "2:wrong usage",
      "3:the file is damaged; what is intact was printed"
    },
    footer = {
      "",
      "Examples:",
      "  bts script ls.bts | less              functions and side events",
      "  bts script --raw ls.bts > branches    'from to' in hex, one branch a line",
      "  bts script --tid 1234 ls.bts          the branches of one thread"
    })
final class ScriptCommand implements Callable<Integer>, Verb {
  static final String NAME = "script";

  private final Console console;

  @Option(
      names = "--raw",
      description = "Print 'from to' in lower-case hex, one branch a line, and nothing else.")
  private boolean raw;

  @Option(names = "--tid", paramLabel = "TID", description = "Print the branches of this thread.")
  private @Nullable Integer tid;

  @Parameters(paramLabel = "FILE", description = "The trace file.")
  @SuppressWarnings("NullAway.Init") // A required parameter: picocli sets it or refuses the call.
  private Path file;

  /** Creates the verb. */
  ScriptCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Selection selection = tid == null ? Selection.ALL : Selection.thread(tid);
    try (TraceReader reader = TraceReader.open(file);
        TextOutput out = new TextOutput(console.out())) {
      ReadingProgress progress =
          new ReadingProgress(
              console, reader.totals(), raw ? new RawScript(out) : new TextScript(out));
      reader.read(selection, progress);
      progress.finish();
      for (Damage damage : reader.damage()) {
        console.err().println("bts: " + Plain.text(file + ": " + damage));
      }
      return reader.damage().isEmpty() ? ExitCode.OK : ExitCode.DAMAGED;
    }
  }
}
