package dev.bts.cli;

import dev.bts.api.Explanation;
import dev.bts.api.KernelException;
import dev.bts.api.TraceFormatException;
import dev.bts.cli.export.ExportFormat;
import dev.bts.cli.export.ExportOptions;
import dev.bts.cli.export.TraceExport;
import dev.bts.cli.trace.Damage;
import dev.bts.cli.trace.Selection;
import dev.bts.cli.trace.TraceHeader;
import dev.bts.cli.trace.TraceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bts export}: a trace in the form of another tool. */
@Command(
    name = ExportCommand.NAME,
    mixinStandardHelpOptions = true,
    description = "Writes a trace in the form of another tool.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the trace was exported",
      "1:it could not be read, or the export not written",
      "2:wrong usage",
      "3:the trace is damaged; what is intact was exported"
    },
    footer = {
      "",
      "Formats:",
      "  perf-data   perf script, report, annotate; with --itrace=b if the trace is complete",
      "  brstack     what perf script -F brstack prints",
      "  bolt        a program's profile for perf2bolt -pa",
      "  fdata       a program's taken branches for llvm-bolt -data",
      "  drcov       coverage for Lighthouse and others that read DynamoRIO's drcov",
      "  callgrind   calls for callgrind_annotate and KCachegrind",
      "  csv         every branch with its functions",
      "  parquet     the same for DuckDB, Spark and others that read columns",
      "  perfetto    calls as a timeline for ui.perfetto.dev; one branch takes one nanosecond",
      "",
      "Examples:",
      "  bts export --format perf-data -o perf.data ls.bts && perf report --itrace=b -i perf.data",
      "  bts export --format perf-data --window 0..1000000 -o perf.data large.bts"
    })
final class ExportCommand implements Callable<Integer>, Verb {
  static final String NAME = "export";

  private static final Pattern WINDOW = Pattern.compile("(\\d{1,18})\\.\\.(\\d{1,18})?");

  private final Console console;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      required = true,
      completionCandidates = Formats.class,
      description = "The form: ${COMPLETION-CANDIDATES}; see below.")
  @SuppressWarnings("NullAway.Init") // A required option: picocli sets it or refuses the call.
  private String format;

  @Option(names = "-o", paramLabel = "OUT", required = true, description = "The file to write.")
  @SuppressWarnings("NullAway.Init") // A required option: picocli sets it or refuses the call.
  private Path output;

  @Option(names = "--tid", paramLabel = "TID", description = "Export the branches of this thread.")
  private @Nullable Integer tid;

  @Option(
      names = "--window",
      paramLabel = "FIRST..[END]",
      description = "Export these branches, counted from 0 over all threads, END not included.")
  private @Nullable String window;

  @Option(
      names = "--stacks",
      description = "perf-data: write samples with branch stacks also of a complete trace.")
  private boolean stacks;

  @Option(
      names = "--binary",
      paramLabel = "PROGRAM",
      description =
          "bolt, fdata: the program that the profile is of, by path or name. Default: the first one"
              + " that was executed.")
  private String binary = "";

  @Parameters(paramLabel = "FILE", description = "The trace file.")
  @SuppressWarnings("NullAway.Init") // A required parameter: picocli sets it or refuses the call.
  private Path file;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before anything is called.
  private CommandSpec spec;

  /** Creates the verb. */
  ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ExportFormat chosen =
        ExportFormat.ofLabel(format)
            .orElseThrow(
                () ->
                    wrongUsage(
                        "--format: no format '"
                            + format
                            + "' is known; choose one of "
                            + String.join(", ", new Formats())));
    Selection selection = selection();
    OutputFile.refuseIfRead(NAME, file, output);
    try (TraceReader reader = TraceReader.open(file)) {
      TraceHeader header = reader.header().orElseThrow(this::withoutHeader);
      export(chosen, header, reader, selection);
      for (Damage damage : reader.damage()) {
        console.err().println("bts: " + Plain.text(file + ": " + damage));
      }
      return reader.damage().isEmpty() ? ExitCode.OK : ExitCode.DAMAGED;
    }
  }

  private void export(
      ExportFormat chosen, TraceHeader header, TraceReader reader, Selection selection) {
    try (TraceExport export = chosen.create(output, header, new ExportOptions(stacks, binary))) {
      ReadingProgress progress = new ReadingProgress(console, reader.totals(), export);
      reader.read(selection, progress);
      progress.finish();
      export.finish();
    } catch (IOException e) {
      throw unwritable(e);
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw unwritable(cause == null ? new IOException(e) : cause);
    }
  }

  private KernelException unwritable(IOException e) {
    return new KernelException(
        new Explanation(
            "export to " + output,
            String.valueOf(e.getMessage()),
            "name a file in a directory that exists and may be written, after -o"),
        0,
        e);
  }

  private TraceFormatException withoutHeader() {
    return new TraceFormatException(
        new Explanation(
            "export " + file,
            "the block that says what the trace is, is lost",
            "look at what is left with 'bts script'"));
  }

  private ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), Plain.text(message));
  }

  private Selection selection() {
    OptionalInt thread = tid == null ? OptionalInt.empty() : OptionalInt.of(tid);
    if (window == null) {
      return new Selection(0, Long.MAX_VALUE, thread);
    }
    Matcher numbers = WINDOW.matcher(window);
    if (!numbers.matches()) {
      throw wrongUsage(
          "--window: '"
              + window
              + "' is not two numbers of branches with two points between; write, for example,"
              + " --window 0..1000000, or 1000000.. for all from there on");
    }
    String end = numbers.group(2);
    return new Selection(
        Long.parseLong(numbers.group(1)),
        end == null ? Long.MAX_VALUE : Long.parseLong(end),
        thread);
  }

  /** The names of the formats, for the completion script and the help. */
  static final class Formats extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Formats() {
      for (ExportFormat format : ExportFormat.values()) {
        add(format.label());
      }
    }
  }
}
