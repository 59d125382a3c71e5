package dev.bts.sim.program;

import dev.bts.api.Explanation;
import dev.bts.api.TargetException;
import dev.bts.sim.program.SyntheticOptions.Option;
import java.util.List;

/**
 * A program made from a seed: it branches through generated code, and starts threads, forks and
 * handles signals at even distances on the way; at its end it waits for all it started, and then
 * executes its successor, exits or dies.
 */
public final class SyntheticProgram implements Program {
  /** The distance of system calls, in branches, of a program that never ends. */
  private static final long ENDLESS_INTERVAL_BRANCHES = 64;

  /** SIGUSR1. */
  private static final int HANDLED_SIGNAL = 10;

  /** What a task is to its process. */
  private enum Role {
    MAIN,
    THREAD,
    CHILD
  }

  private final SyntheticOptions options;
  private final CodeImage image;
  private final Role role;
  private final Walk walk;
  private final long budgetBranches;
  private final long intervalBranches;
  private long taken;
  private long nextCallAt;
  private int clones;
  private int forks;
  private int signals;
  private boolean joined;
  private int argument;

  private SyntheticProgram(SyntheticOptions options, CodeImage image, Role role, Walk walk) {
    this.options = options;
    this.image = image;
    this.role = role;
    this.walk = walk;
    budgetBranches = options.get(Option.BRANCHES);
    if (role == Role.MAIN) {
      clones = options.count(Option.THREADS) - 1;
      forks = options.count(Option.FORKS);
      signals = options.count(Option.SIGNALS);
    }
    long calls = (long) clones + forks + signals;
    intervalBranches =
        budgetBranches == SyntheticOptions.ENDLESS
            ? ENDLESS_INTERVAL_BRANCHES
            : budgetBranches / (calls + 1);
    nextCallAt = intervalBranches;
  }

  /**
   * Makes the program of a command line.
   *
   * @throws TargetException if the command is not {@code synthetic}
   * @throws dev.bts.api.InvalidRequestException if an option is wrong
   */
  public static SyntheticProgram of(List<String> arguments) {
    if (!arguments.get(0).equals(SyntheticOptions.COMMAND)) {
      throw new TargetException(
          new Explanation(
              "start '" + arguments.get(0) + "' on the simulated machine",
              "the only program there is '" + SyntheticOptions.COMMAND + "'",
              "for example: synthetic --seed 7 --branches 10000 --threads 2 --forks 1 --exit 3"));
    }
    return main(SyntheticOptions.parse(arguments));
  }

  private static SyntheticProgram main(SyntheticOptions options) {
    long seed = options.get(Option.SEED);
    CodeImage image = CodeGenerator.generate(seed);
    return new SyntheticProgram(options, image, Role.MAIN, new Walk(image, seed));
  }

  @Override
  public Action advance() {
    argument = 0;
    boolean atEnd = taken == budgetBranches;
    if (taken >= nextCallAt || atEnd) {
      Action call = nextCall(atEnd);
      if (call != Action.BRANCH) {
        nextCallAt += intervalBranches;
        return call;
      }
    }
    if (atEnd) {
      return end();
    }
    walk.takeBranch();
    taken++;
    return Action.BRANCH;
  }

  /** Returns the next system call on the way, or BRANCH if none is due. */
  private Action nextCall(boolean atEnd) {
    if (clones > 0) {
      clones--;
      return Action.CLONE;
    }
    if (forks > 0) {
      forks--;
      return Action.FORK;
    }
    if (signals > 0 && (atEnd || !walk.inHandler())) {
      signals--;
      argument = HANDLED_SIGNAL;
      if (!walk.inHandler()) {
        walk.enterHandler();
      }
      return Action.HANDLE_SIGNAL;
    }
    return Action.BRANCH;
  }

  private Action end() {
    if (role == Role.THREAD) {
      return Action.EXIT_THREAD;
    }
    if (role == Role.CHILD) {
      return Action.EXIT;
    }
    if (!joined) {
      joined = true;
      return Action.JOIN;
    }
    if (options.count(Option.EXECS) > 0) {
      return Action.EXEC;
    }
    argument = options.count(Option.DIE_BY);
    if (argument != 0) {
      return Action.DIE;
    }
    argument = options.count(Option.EXIT);
    return Action.EXIT;
  }

  @Override
  public Program startThread() {
    return new SyntheticProgram(options, image, Role.THREAD, new Walk(image, walk.splitSeed()));
  }

  @Override
  public Program startChild() {
    return new SyntheticProgram(options, image, Role.CHILD, new Walk(walk));
  }

  @Override
  public Program successor() {
    return main(
        options
            .with(Option.EXECS, options.get(Option.EXECS) - 1)
            .with(Option.SEED, options.get(Option.SEED) + 1));
  }

  @Override
  public long from() {
    return walk.from();
  }

  @Override
  public long to() {
    return walk.to();
  }

  @Override
  public int argument() {
    return argument;
  }

  @Override
  public CodeImage image() {
    return image;
  }

  @Override
  public String command() {
    return options.toString();
  }
}
