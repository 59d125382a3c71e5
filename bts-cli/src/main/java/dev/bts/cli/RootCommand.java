package dev.bts.cli;

import dev.bts.api.BtsException;
import dev.bts.api.TargetException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The verbs of {@code bts}, and what happens when one of them fails. */
@Command(
    name = "bts",
    mixinStandardHelpOptions = true,
    versionProvider = RootCommand.Version.class,
    description = "Records every taken branch of a program, and says who pays for the memory.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  bts record -o ls.bts -- ls -l /   trace a command",
      "  bts report ls.bts                 which functions, which threads, who paid",
      "  bts script --raw ls.bts           every branch, from and to in hex",
      "  bts plan --buffer 4M              who would pay, and does it fit",
      "  bts probe                         what works on this machine, measured",
      "  bts accounts                      whose buffers are locked now, and who pays",
      "  bts lab check --policy tracer     does accounting hold, whatever happens",
      "  source <(bts generate-completion) completion for bash and zsh"
    })
final class RootCommand implements Runnable, Verb {
  private static final int SIGPIPE = 13;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before anything is called.
  private CommandSpec spec;

  RootCommand() {}

  /** Runs the command and returns its status. */
  static int run(Console console, String... arguments) {
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(console.out(), StandardCharsets.UTF_8), true);
    int status =
        commandLine(console, arguments)
            .setOut(out)
            .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
            .execute(arguments);
    out.flush();
    return status;
  }

  private static CommandLine commandLine(Console console, String[] arguments) {
    String verb = arguments.length == 0 ? "" : arguments[0];
    CommandLine line = new CommandLine(new RootCommand());
    switch (verb) {
      // Looking at the options of a verb takes time: do it only for the one that is asked for.
      case RecordCommand.NAME -> line.addSubcommand(record(console));
      case ScriptCommand.NAME -> line.addSubcommand(new ScriptCommand(console));
      case ReportCommand.NAME -> line.addSubcommand(new ReportCommand(console));
      case ExportCommand.NAME -> line.addSubcommand(new ExportCommand(console));
      case ImportCommand.NAME -> line.addSubcommand(new ImportCommand(console));
      case PlanCommand.NAME -> line.addSubcommand(new PlanCommand(console));
      case ProbeCommand.NAME -> line.addSubcommand(new ProbeCommand(console));
      case AccountsCommand.NAME -> line.addSubcommand(new AccountsCommand(console));
      case ReclaimCommand.NAME -> line.addSubcommand(new ReclaimCommand(console));
      case LabCommand.NAME -> line.addSubcommand(LabCommand.line(console));
      default ->
          line.addSubcommand(record(console))
              .addSubcommand(new ScriptCommand(console))
              .addSubcommand(new ReportCommand(console))
              .addSubcommand(new ExportCommand(console))
              .addSubcommand(new ImportCommand(console))
              .addSubcommand(new PlanCommand(console))
              .addSubcommand(new ProbeCommand(console))
              .addSubcommand(new AccountsCommand(console))
              .addSubcommand(new ReclaimCommand(console))
              .addSubcommand(LabCommand.line(console))
              .addSubcommand(new AutoComplete.GenerateCompletion());
    }
    return line.setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, ignored) -> wrongUsage(console, e))
        .setExecutionExceptionHandler((e, command, ignored) -> failed(console, e, command));
  }

  /** What stands behind the first word that is no option belongs to the traced command. */
  private static CommandLine record(Console console) {
    return new CommandLine(new RecordCommand(console)).setStopAtPositional(true);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private static int wrongUsage(Console console, ParameterException e) {
    CommandLine command = e.getCommandLine();
    console.err().println("bts: " + e.getMessage());
    console.err().println("try '" + command.getCommandSpec().qualifiedName() + " --help'");
    return command.getCommand() instanceof Verb verb ? verb.usageStatus() : ExitCode.USAGE;
  }

  private static int failed(Console console, Exception e, CommandLine command) {
    int status =
        command.getCommand() instanceof Verb verb ? verb.failureStatus() : ExitCode.FAILURE;
    if (e instanceof TargetException target) {
      console.err().println("bts: " + Plain.text(String.valueOf(e.getMessage())));
      return switch (target.reason()) {
        case NOT_FOUND -> ExitCode.NOT_FOUND;
        case NOT_EXECUTABLE -> ExitCode.NOT_EXECUTABLE;
        case NOT_TRACEABLE -> status;
      };
    }
    if (e instanceof UncheckedIOException io && isBrokenPipe(io.getCause())) {
      return ExitCode.SIGNAL_BASE + SIGPIPE;
    }
    if (e instanceof BtsException || e instanceof UncheckedIOException) {
      console.err().println("bts: " + Plain.text(String.valueOf(e.getMessage())));
      return status;
    }
    console.err().println("bts: this is a mistake in bts; please report it with what follows");
    e.printStackTrace(console.err());
    return status;
  }

  /** Whoever read the output has seen enough: end as a program does that SIGPIPE ends. */
  private static boolean isBrokenPipe(@Nullable IOException e) {
    return e != null && "Broken pipe".equals(e.getMessage());
  }

  /** Answers {@code --version}. */
  static final class Version implements CommandLine.IVersionProvider {
    Version() {}

    @Override
    public String[] getVersion() {
      return new String[] {Bts.version()};
    }
  }
}
