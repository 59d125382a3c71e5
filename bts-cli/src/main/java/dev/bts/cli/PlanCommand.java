package dev.bts.cli;

import dev.bts.accounting.Policies;
import dev.bts.accounting.plan.Planner;
import dev.bts.accounting.plan.PolicyPlan;
import dev.bts.accounting.plan.Verdict;
import dev.bts.api.BranchTracers;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.plan.Subject;
import dev.bts.cli.text.TextOutput;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bts plan}: who would pay for a buffer, and does it fit, before anything starts. */
@Command(
    name = PlanCommand.NAME,
    mixinStandardHelpOptions = true,
    description =
        "Says before anything starts who would pay for the buffers, under which limit, whether they"
            + " fit, and how large they can be, under each policy.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:it fits, under the policy of --charge, or without that under some policy",
      "1:it does not fit, or it is not known whether it does",
      "2:the question was wrong, or bts failed"
    },
    footer = {
      "",
      "Examples:",
      "  bts plan --buffer 4M                      for a command that this user traces",
      "  bts plan --buffer 4M --processes 8 --charge tracee && make",
      "                                            only if eight processes can pay for themselves",
      "  bts plan --pid 1234 --json | jq '.policies[] | {policy, verdict, largest_pages}'",
      "  bts plan --user alice --strict            what alice's processes can pay (as root)"
    })
final class PlanCommand implements Callable<Integer>, Verb {
  static final String NAME = "plan";

  private final Console console;

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      defaultValue = "auto",
      description =
          "Size of each buffer: bytes, or with K, M or G; 'auto', the default, as record takes it.")
  private String buffer = "auto";

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many processes are traced at one time. Default: 1.")
  private int processes = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads they have together. Default: one each.")
  private @Nullable Integer threads;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Plan for a running process, and what it may fork.")
  private @Nullable Integer pid;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "Plan for bts and its command as this user would run them.")
  private @Nullable String user;

  @Option(
      names = "--charge",
      paramLabel = "POLICY",
      description = "The policy whose answer is the exit status. All are shown.")
  private @Nullable String charge;

  @Option(
      names = "--charge-other",
      description = "Insist on charging a process that belongs to somebody else.")
  private boolean chargeOther;

  @Option(
      names = "--strict",
      description = "Charge without CAP_IPC_LOCK, so that limits hold for root too.")
  private boolean strict;

  @Option(
      names = "--mechanism",
      paramLabel = "NAME",
      completionCandidates = RecordCommand.Mechanisms.class,
      description =
          "How branches are seen: ${COMPLETION-CANDIDATES}. Default: what record would take.")
  private @Nullable String mechanism;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--backend", hidden = true, defaultValue = "kernel")
  private String backend = "kernel";

  /** Creates the verb. */
  PlanCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    String chosen = charge == null ? null : Policies.named(charge).name();
    PlanRequest request =
        new PlanRequest(
            subject(),
            mechanism == null ? null : Mechanism.ofLabel(mechanism),
            ByteSize.parse(buffer),
            processes,
            threads == null ? processes : threads,
            chargeOther,
            strict);
    Prospect prospect = BranchTracers.named(backend).prospect(request);
    List<PolicyPlan> plans = Planner.plan(request, prospect, Policies.all());
    boolean fits =
        prospect.unavailable() == null
            && plans.stream()
                .filter(plan -> chosen == null || plan.policy().equals(chosen))
                .anyMatch(plan -> plan.verdict() == Verdict.FITS);
    if (json) {
      Json.print(console.out(), PlanTree.of(request, prospect, plans, chosen, fits));
    } else {
      try (TextOutput out = new TextOutput(console.out())) {
        new PlanText(out).print(request, prospect, plans, chosen);
      }
    }
    return fits ? ExitCode.OK : ExitCode.FAILURE;
  }

  private Subject subject() {
    if (pid != null && user != null) {
      throw new InvalidRequestException(
          new Explanation(
              "plan for process " + pid + " and for user '" + user + "'",
              "a process that runs has its user already",
              "leave out --pid or --user"));
    }
    if (pid != null) {
      return new Subject.Running(pid);
    }
    return user != null ? new Subject.OfUser(user) : new Subject.Command();
  }

  /** A failure must not look like a plan that does not fit. */
  @Override
  public int failureStatus() {
    return ExitCode.USAGE;
  }
}
