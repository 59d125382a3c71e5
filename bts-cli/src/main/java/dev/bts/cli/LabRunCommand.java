package dev.bts.cli;

import dev.bts.cli.experiment.ExperimentFile;
import dev.bts.cli.text.TextOutput;
import dev.bts.sim.lab.Scenario;
import dev.bts.sim.rules.Invariant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bts lab run}: the steps of a scenario, or the runs of an experiment. */
@Command(
    name = LabRunCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Carries out the steps of a scenario, and shows the accounts after each; or an experiment,"
            + " and shows what each policy did.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the last step breaks the invariants that the scenario names, or none if it names none;"
          + " the experiment is done",
      "1:it does not",
      "2:the scenario or the experiment is wrong",
      "3:the experiment was interrupted; the same command goes on with it"
    },
    footer = {
      "",
      "Examples:",
      "  bts lab check --rules rfc-2008 --save rfc.yaml",
      "  bts lab run rfc.yaml              the same steps again"
    })
final class LabRunCommand implements Callable<Integer>, Verb {
  static final String NAME = "run";

  private final Console console;

  @Option(
      names = "--classpath",
      paramLabel = "JAR",
      description = "Where the policy's class is, if it does not come with bts.")
  private @Nullable String classpath;

  @Option(
      names = "-o",
      paramLabel = "DIR",
      description =
          "Write an experiment's results there, as CSV, JSON and a page with charts, and go on"
              + " where an interrupted one was.")
  private @Nullable Path output;

  @Option(names = "--threads", paramLabel = "N", description = "Default: one for each CPU.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Parameters(
      paramLabel = "FILE",
      description = "The scenario or experiment, or the name of one that comes with bts.")
  @SuppressWarnings("NullAway.Init") // A required parameter: picocli sets it or refuses the call.
  private String file;

  /** Creates the verb. */
  LabRunCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (ExperimentFile.isOne(file)) {
      return new LabExperiment(console, json).carryOut(ExperimentFile.read(file), output, threads);
    }
    return runScenario();
  }

  private int runScenario() {
    Scenario scenario = ScenarioFile.read(Path.of(file), classpath);
    List<Scenario.Step> steps = scenario.run();
    boolean expected = scenario.isAsExpected(steps);
    List<Integer> numbers = scenario.expected().stream().map(Invariant::number).sorted().toList();
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("rules", scenario.rules().name());
      tree.put("steps", LabTree.steps(steps));
      tree.put("expected", numbers);
      tree.put("as_expected", expected);
      Json.print(console.out(), tree);
    } else {
      try (TextOutput out = new TextOutput(console.out())) {
        Scenario.text(steps).forEach(line -> out.text(line).ascii('\n'));
        out.text(
                (expected ? "as expected: " : "not as expected, which was: ")
                    + (numbers.isEmpty()
                        ? "no invariant is broken"
                        : "invariants " + numbers + " are broken"))
            .ascii('\n');
      }
    }
    return expected ? ExitCode.OK : ExitCode.FAILURE;
  }

  /** A failure must not look like an unexpected end. */
  @Override
  public int failureStatus() {
    return ExitCode.USAGE;
  }
}
