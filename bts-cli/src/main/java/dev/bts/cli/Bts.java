package dev.bts.cli;

import dev.bts.api.BtsException;
import dev.bts.api.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code bts}. */
@Command(
    name = "bts",
    mixinStandardHelpOptions = true,
    versionProvider = Bts.Version.class,
    description = "Records every taken branch of a program, and says who pays for the memory.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  bts record -o ls.bts -- ls -l /   trace a command",
      "  bts report ls.bts                 which functions, which threads, who paid",
      "  bts script --raw ls.bts           every branch, from and to in hex",
      "  bts probe                         what works on this machine, measured",
      "  source <(bts generate-completion) completion for bash and zsh"
    })
public final class Bts implements Runnable, Verb {
  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before anything is called.
  private CommandSpec spec;

  Bts() {}

  /** Runs the command and ends the process with its status. */
  public static void main(String[] arguments) {
    System.exit(run(Console.ofProcess(), arguments));
  }

  /** Runs the command and returns its status. */
  static int run(Console console, String... arguments) {
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(console.out(), StandardCharsets.UTF_8), true);
    int status =
        commandLine(console)
            .setOut(out)
            .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
            .execute(arguments);
    out.flush();
    return status;
  }

  static CommandLine commandLine(Console console) {
    CommandLine record = new CommandLine(new RecordCommand(console)).setStopAtPositional(true);
    CommandLine line =
        new CommandLine(new Bts())
            .addSubcommand(record)
            .addSubcommand(new ScriptCommand(console))
            .addSubcommand(new ReportCommand(console))
            .addSubcommand(new ProbeCommand(console))
            .addSubcommand(new AutoComplete.GenerateCompletion());
    return line.setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, arguments) -> wrongUsage(console, e))
        .setExecutionExceptionHandler((e, command, result) -> failed(console, e, command));
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
    if (e instanceof BtsException || e instanceof UncheckedIOException) {
      console.err().println("bts: " + Plain.text(String.valueOf(e.getMessage())));
      return status;
    }
    console.err().println("bts: this is a mistake in bts; please report it with what follows");
    e.printStackTrace(console.err());
    return status;
  }

  /** Reads the version that the build wrote down. */
  static final class Version implements CommandLine.IVersionProvider {
    Version() {}

    @Override
    public String[] getVersion() {
      return new String[] {"bts " + number()};
    }

    static String number() {
      Properties properties = new Properties();
      try (InputStream in = Bts.class.getResourceAsStream("version.properties")) {
        if (in != null) {
          properties.load(in);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return properties.getProperty("version", "of unknown version");
    }
  }
}
