package dev.bts.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bts lab}: where charging policies are tried, broken and proved. */
@Command(
    name = LabCommand.NAME,
    mixinStandardHelpOptions = true,
    description = "Tries charging policies and the rules of kernels on a simulated machine.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  bts lab check --policy tracer     all that can happen to a small machine",
      "  bts lab check --rules rfc-2008    a shortest way to break the RFC's accounting",
      "  bts lab verdicts -o verdicts.md   every policy, every kernel, every known bug",
      "  bts lab fidelity                  does the simulated kernel do what this one does"
    })
final class LabCommand implements Runnable, Verb {
  static final String NAME = "lab";

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before anything is called.
  private CommandSpec spec;

  private LabCommand() {}

  /** Returns the verb with its own verbs. */
  static CommandLine line(Console console) {
    return new CommandLine(new LabCommand())
        .addSubcommand(new LabCheckCommand(console))
        .addSubcommand(new LabRunCommand(console))
        .addSubcommand(new LabVerdictsCommand(console))
        .addSubcommand(new LabFidelityCommand(console));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
