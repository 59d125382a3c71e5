package dev.bts.sim.program;

import dev.bts.sim.program.RecordedRun.Call;
import dev.bts.sim.program.RecordedRun.Script;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Executes what one thread of a {@link RecordedRun} did. Where the trace does not say how it ended,
 * it ends behind its last branch: a thread alone, a process with 0 after all it has started.
 */
final class RecordedProgram implements Program {
  private final Script script;
  private int branch = -1;
  private int calls;
  private int argument;
  private boolean joined;

  /** What is started or executed next, null if that was no such call. */
  private @Nullable Script next;

  RecordedProgram(Script script) {
    this.script = script;
  }

  @Override
  public Action advance() {
    Call call = script.call(calls);
    if (call != null && call.at() == branch + 1) {
      calls++;
      argument = call.argument();
      next = call.script();
      return call.action();
    }
    argument = 0;
    next = null;
    if (branch + 1 < script.branches()) {
      branch++;
      return Action.BRANCH;
    }
    if (!script.process) {
      return Action.EXIT_THREAD;
    }
    if (!joined) {
      joined = true;
      return Action.JOIN;
    }
    return Action.EXIT;
  }

  @Override
  public long from() {
    return script.from(branch);
  }

  @Override
  public long to() {
    return script.to(branch);
  }

  @Override
  public int argument() {
    return argument;
  }

  private Program started() {
    return new RecordedProgram(Objects.requireNonNull(next, "the last action starts nothing"));
  }

  @Override
  public Program startThread() {
    return started();
  }

  @Override
  public Program startChild() {
    return started();
  }

  @Override
  public Program successor() {
    return started();
  }

  @Override
  public CodeImage image() {
    return script.image();
  }

  @Override
  public String command() {
    return script.command;
  }
}
