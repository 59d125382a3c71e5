package dev.bts.kernel;

import dev.bts.accounting.Policies;
import dev.bts.api.BtsConfig;
import dev.bts.api.BtsException;
import dev.bts.api.BufferInventory.Reclaimed;
import dev.bts.api.ConfigFlag;
import dev.bts.api.ExitStatus;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.contract.RecordingSink;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.FaultInjector;
import dev.bts.kernel.sys.FaultInjector.Fault;
import dev.bts.kernel.testing.TraceePrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of a program under bts while one system call fails, and what is wrong afterwards. */
final class FaultTrial {
  /** What is done. */
  enum Operation {
    /** A command is started, recorded and waited for. */
    RECORD,
    /** A process is attached to; its buffer grows, is drained and shrinks; it is let go. */
    ATTACH,
    /** The buffer that a dead tracer has left in a process is freed. */
    RECLAIM
  }

  /** What is done, who pays, and how branches are seen. */
  record Scenario(Operation operation, String policy, Mechanism mechanism) {}

  /** The exit status of a program that was not disturbed. */
  private static final int UNDISTURBED = 7;

  /** Branches of the program that come before its first fork. */
  private static final int ENOUGH_BRANCHES = 40;

  private static final int ENXIO = 6;

  private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(30);

  private final Scenario scenario;
  private final @Nullable Fault fault;
  private final List<String> violations = new ArrayList<>();
  private volatile @Nullable Throwable failure;
  private volatile long branches = -1;

  private FaultTrial(Scenario scenario, @Nullable Fault fault) {
    this.scenario = scenario;
    this.fault = fault;
  }

  /**
   * What came of a trial.
   *
   * @param injector which counted the calls
   * @param failure what the caller was told, null if nothing failed
   * @param branches that were recorded or are known to be lost, -1 if there is no saying
   * @param violations of what must hold afterwards
   */
  record Result(
      FaultInjector injector,
      @Nullable Throwable failure,
      long branches,
      List<String> violations) {}

  /** Carries a scenario out. */
  static Result of(Scenario scenario, @Nullable Fault fault) {
    return new FaultTrial(scenario, fault).run();
  }

  private Result run() {
    LeftBehind before = LeftBehind.now();
    FaultInjector injector = unused();
    try (Stage stage = new Stage()) {
      injector =
          switch (scenario.operation()) {
            case RECORD -> record(stage);
            case ATTACH -> attach(stage);
            case RECLAIM -> reclaim();
          };
    } catch (AssertionError | BtsException left) {
      violations.add("accounts: " + left.getMessage());
    }
    injector.stillMapped().forEach(at -> violations.add("mapped at " + Long.toHexString(at)));
    violations.addAll(before.whatIsMore());
    judgeMessage(injector);
    return new Result(injector, failure, branches, List.copyOf(violations));
  }

  private static FaultInjector unused() {
    try (FaultInjector injector = new FaultInjector(null)) {
      return injector;
    }
  }

  private void judgeMessage(FaultInjector injector) {
    Throwable told = failure;
    if (told == null || fault == null) {
      return;
    }
    if (!(told instanceof BtsException)) {
      violations.add("no explanation but " + told);
    } else if (!injector.killed() && !isNamed(told, fault.errno())) {
      violations.add("the message does not name the errno: " + told.getMessage());
    }
  }

  /** What cannot be read is not there, and that is what is said of it. */
  private static boolean isNamed(Throwable told, int errno) {
    return switch (errno) {
      case Errno.ENOENT, Errno.EACCES, Errno.EPERM, ENXIO ->
          mentions(told, Errno.name(errno)) || mentions(told, "/proc") || mentions(told, "process");
      case Errno.EPIPE, Errno.ECONNRESET -> mentions(told, "the helper has ended");
      default -> mentions(told, Errno.name(errno));
    };
  }

  private static boolean mentions(Throwable told, String errno) {
    if (String.valueOf(told.getMessage()).contains(errno)) {
      return true;
    }
    for (Throwable other : told.getSuppressed()) {
      if (mentions(other, errno)) {
        return true;
      }
    }
    Throwable cause = told.getCause();
    return cause != null && mentions(cause, errno);
  }

  private TraceRequest.Builder request(Stage stage, TraceRequest.Builder target) {
    return target
        .policy(Policies.named(scenario.policy()))
        .mechanisms(scenario.mechanism())
        .strict(true)
        .buffer(4 * Stage.PAGE, Overflow.DRAIN)
        .sink(stage.sink);
  }

  private FaultInjector record(Stage stage) {
    TraceRequest request =
        request(stage, TraceRequest.command(TraceePrograms.compile("asm_brief").toString()))
            .build();
    FaultInjector injector = new FaultInjector(fault);
    try (injector) {
      watched(
          null,
          () -> {
            try (TraceSession session = stage.tracer.open(request)) {
              session.start();
              ExitStatus end = session.await();
              if (!injector.killed() && !end.equals(new ExitStatus(UNDISTURBED, 0))) {
                violations.add("the program ended with " + end);
              }
            }
            branches = stage.sink.branches().size() + stage.sink.lost();
          });
    }
    return injector;
  }

  private FaultInjector attach(Stage stage) {
    try (QuietTarget target = new QuietTarget("asm_brief", "read")) {
      List<String> before = target.traces();
      TraceRequest request = request(stage, TraceRequest.process(target.pid())).build();
      FaultInjector injector = new FaultInjector(fault);
      try (injector) {
        watched(target, () -> trace(stage, target, request));
      }
      judge(target, before, injector);
      return injector;
    }
  }

  private static void trace(Stage stage, QuietTarget target, TraceRequest request) {
    try (TraceSession session = stage.tracer.open(request)) {
      session.configure(BtsConfig.of(8 * Stage.PAGE, ConfigFlag.ALLOC, ConfigFlag.TRACE));
      session.start();
      target.poke();
      Stage.await(
          () ->
              session.status().branches() >= ENOUGH_BRANCHES
                  || session.status().state() == TraceSession.State.DETACHED);
      session.pause();
      session.drain(new RecordingSink());
      session.configure(BtsConfig.of(2 * Stage.PAGE, ConfigFlag.ALLOC, ConfigFlag.TRACE));
      session.detach();
    }
  }

  private void judge(QuietTarget target, List<String> before, FaultInjector injector) {
    List<String> after = target.traces();
    if (!injector.killed() && !after.equals(before)) {
      violations.add("left in the process: " + after + ", before: " + before);
    }
    int status = target.finish();
    // It, or a child that it waits for, may have been killed for the fault.
    if (injector.killed() ? status < 0 : status != UNDISTURBED) {
      violations.add("the process ended with " + status);
    }
  }

  private FaultInjector reclaim() {
    try (QuietTarget target = new QuietTarget("forged_orphan", "dead")) {
      KernelTracer tracer = new KernelTracer();
      FaultInjector injector = new FaultInjector(fault);
      try (injector) {
        watched(
            target,
            () -> {
              List<Reclaimed> freed = tracer.inventory().reclaim(target.pid());
              if (!injector.killed() && (freed.size() != 1 || freed.get(0).lockedAfter() != 0)) {
                violations.add("said to be freed: " + freed);
              }
            });
      }
      if (!injector.killed() && failure != null) {
        // What failed once can be done again.
        tracer.inventory().reclaim(target.pid());
      }
      List<String> after = target.traces();
      boolean clean = after.contains("TracerPid\t0") && after.contains("VmLck\t0 kB");
      if (!injector.killed()
          && (!clean || after.stream().anyMatch(line -> line.contains("bts:")))) {
        violations.add("left in the process: " + after);
      }
      judge(target, after, injector);
      return injector;
    }
  }

  /** A piece of a trial, which may fail. */
  private interface Step {
    void run() throws Exception;
  }

  /** Runs a step, and says so if it does not come back. */
  private void watched(@Nullable QuietTarget target, Step step) {
    Thread thread =
        new Thread(
            () -> {
              try {
                step.run();
              } catch (Exception | Error failed) {
                failure = failed;
              }
            },
            "trial");
    thread.start();
    try {
      thread.join(PATIENCE_MILLIS);
      if (thread.isAlive()) {
        violations.add("hangs: " + stacks());
        if (target != null) {
          target.close();
        }
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
        thread.join(PATIENCE_MILLIS);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (thread.isAlive()) {
      throw new AssertionError("a trial hangs beyond help: " + fault + stacks());
    }
  }

  private static String stacks() {
    StringBuilder text = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, frames) -> {
              if (thread.getName().startsWith("bts-") || thread.getName().equals("trial")) {
                text.append('\n').append(thread.getName());
                for (StackTraceElement frame : frames) {
                  if (frame.getClassName().startsWith("dev.bts")) {
                    text.append("\n    ").append(frame);
                  }
                }
              }
            });
    return text.toString();
  }
}
