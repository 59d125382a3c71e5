package dev.bts.cli;

import dev.bts.accounting.Policies;
import dev.bts.api.BranchTracers;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.OnRefusal;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bts record}: traces a command or a process. */
@Command(
    name = RecordCommand.NAME,
    mixinStandardHelpOptions = true,
    description = "Traces a command, or a running process, and says in one line what came of it.",
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0-124:the command's own status, 128+n if signal n ended it",
      "125:bts failed",
      "126:the command cannot be executed",
      "127:there is no such command"
    },
    footer = {
      "",
      "Examples:",
      "  bts record -o ls.bts -- ls -l /           trace into a file",
      "  bts record --charge tracee -- make        the traced program pays for the buffer",
      "  bts record --buffer 64K --overflow wrap -o tail.bts -- ./prog",
      "                                            keep the newest branches only",
      "  bts record -o run.bts -p 1234             trace a process until Ctrl-C or its end"
    })
final class RecordCommand implements Callable<Integer>, Verb {
  static final String NAME = "record";

  private final Console console;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Write the trace to this file. Without it branches are only counted.")
  private @Nullable Path output;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Trace a running process, until it ends or Ctrl-C detaches.")
  private @Nullable Integer pid;

  @Option(
      names = "--mechanism",
      paramLabel = "NAME",
      completionCandidates = Mechanisms.class,
      description =
          "How branches are seen: ${COMPLETION-CANDIDATES}. Default: the best that works here."
              + " 'none' follows the program without tracing.")
  private @Nullable String mechanism;

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      defaultValue = "auto",
      description =
          "Size of the branch buffer: bytes, or with K, M or G; 'auto' takes what is useful and"
              + " fits.")
  private String buffer = "auto";

  @Option(
      names = "--overflow",
      paramLabel = "WHAT",
      defaultValue = "drain",
      description =
          "When the buffer is full: drain (lose nothing), wrap (keep the newest), stop (keep the"
              + " oldest).")
  private Overflow overflow = Overflow.DRAIN;

  @Option(
      names = "--charge",
      paramLabel = "POLICY",
      description =
          "Who pays for the buffer: tracee, tracer, user, cgroup, perf, or a policy of"
              + " your own. Default: tracer.")
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
      names = "--on-refusal",
      paramLabel = "WHAT",
      defaultValue = "share",
      description =
          "When a payer refuses in mid-session: share what is paid for, lose (marked) branches,"
              + " stop tracing the new task, fail.")
  private OnRefusal onRefusal = OnRefusal.SHARE;

  @Option(
      names = "--no-aslr",
      description = "Start the command without address space randomisation.")
  private boolean withoutRandomization;

  @Option(
      names = "--kill-on-exit",
      description = "Kill what is traced if bts dies. Default: it runs on.")
  private boolean killOnExit;

  @Option(names = "--backend", hidden = true, defaultValue = "kernel")
  private String backend = "kernel";

  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..*",
      description = "The command and its arguments.")
  private List<String> command = new ArrayList<>();

  /** Creates the verb. */
  RecordCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    return new Recording(console, BranchTracers.named(backend), request(), output).run();
  }

  @Override
  public int usageStatus() {
    return ExitCode.RECORD_FAILURE;
  }

  @Override
  public int failureStatus() {
    return ExitCode.RECORD_FAILURE;
  }

  private TraceRequest.Builder request() {
    TraceRequest.Builder request = target();
    request
        .buffer(ByteSize.parse(buffer), overflow)
        .chargeOther(chargeOther)
        .strict(strict)
        .killOnExit(killOnExit)
        .onRefusal(onRefusal);
    if (mechanism != null) {
      request.mechanisms(Mechanism.ofLabel(mechanism));
    }
    if (charge != null) {
      request.policy(Policies.named(charge));
    }
    if (withoutRandomization) {
      request.withoutRandomization();
    }
    return request;
  }

  private TraceRequest.Builder target() {
    if (pid == null) {
      return TraceRequest.command(command);
    }
    if (!command.isEmpty()) {
      throw new InvalidRequestException(
          new Explanation(
              "trace process " + pid + " and the command '" + command.get(0) + "'",
              "one session traces one of the two",
              "leave out -p, or the command"));
    }
    return TraceRequest.process(pid);
  }

  /** The labels of the mechanisms, for the completion script and the help. */
  static final class Mechanisms extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Mechanisms() {
      for (Mechanism mechanism : Mechanism.values()) {
        add(mechanism.label());
      }
    }
  }
}
