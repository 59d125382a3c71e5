package dev.bts.sim.program;

import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run that was traced, real or simulated, kept to be executed again: hand it a trace's stream as
 * a sink, then {@link #program} is what the first process of it executes.
 *
 * <p>Every thread takes the branches that it took, in order, and clones, forks, executes, handles
 * signals and ends where it did. Which thread runs when is the simulated machine's to decide; so
 * that none is cut off, a process waits for its threads and children before it executes or ends. Of
 * its mappings a program has the first. What the trace has lost is not there: see {@link #lost}.
 *
 * <p>Not safe for several threads.
 */
public final class RecordedRun implements TraceSink {
  /** The most branches that are kept unless said otherwise: sixteen bytes each. */
  public static final long DEFAULT_BRANCHES = 1 << 24;

  /** The most threads and processes, living and dead. */
  private static final int MOST_SCRIPTS = 100_000;

  /** The most bytes of a mapping; more is no mapping of a file. */
  private static final long MOST_BYTES = 1L << 40;

  private final long mostBranches;
  private final Map<Integer, Script> live = new HashMap<>();
  private @Nullable Script first;
  private long branches;
  private long lost;
  private int scripts;

  /**
   * Creates an empty run.
   *
   * @param mostBranches the most branches that are kept
   */
  public RecordedRun(long mostBranches) {
    this.mostBranches = mostBranches;
  }

  /** Returns how many branches there are. */
  public long branches() {
    return branches;
  }

  /** Returns how many records the trace says that it has lost; they are not executed. */
  public long lost() {
    return lost;
  }

  /**
   * Returns what the first process executes. Each call returns one that is at its beginning.
   *
   * @throws InvalidRequestException if no process was started in the trace
   */
  public Program program() {
    if (first == null) {
      throw refused("no process starts in it", "give the whole trace, from its beginning");
    }
    return new RecordedProgram(first);
  }

  @Override
  public void branches(BranchCursor cursor) {
    while (cursor.next()) {
      if (branches == mostBranches) {
        throw refused(
            "it has more than " + mostBranches + " branches", "record less, or allow more");
      }
      script(cursor.tid()).add(cursor.from(), cursor.to());
      branches++;
    }
  }

  @Override
  public void event(SideEvent event) {
    if (event instanceof SideEvent.ProcessStarted started) {
      Script script = begin(started.tid(), started.command(), true);
      if (first == null) {
        first = script;
      } else {
        script(started.parentPid()).call(Action.FORK, 0, script);
      }
    } else if (event instanceof SideEvent.ThreadStarted started) {
      Script parent = script(started.parentTid());
      parent.call(Action.CLONE, 0, begin(started.tid(), parent.command, false));
    } else if (event instanceof SideEvent.Exec exec) {
      Script before = script(exec.pid());
      before.call(Action.JOIN, 0, null);
      before.call(Action.EXEC, 0, begin(exec.pid(), exec.path(), true));
    } else if (event instanceof SideEvent.Mapped mapped) {
      long bytes = mapped.end() - mapped.start();
      Script script = script(mapped.tid());
      if (script.image == null && bytes > 0 && bytes <= MOST_BYTES) {
        script.image = CodeImage.ofMapping(mapped.path(), mapped.start(), mapped.end());
      }
    } else if (event instanceof SideEvent.Signalled signalled) {
      script(signalled.tid()).call(Action.HANDLE_SIGNAL, signalled.signal(), null);
    } else if (event instanceof SideEvent.ProcessExited exited) {
      Script script = live.remove(exited.pid());
      if (script != null) {
        script.end(exited.code(), exited.signal());
      }
    } else if (event instanceof SideEvent.ThreadExited exited && exited.tid() != exited.pid()) {
      live.remove(exited.tid());
    } else if (event instanceof SideEvent.Lost missing) {
      lost += missing.count();
    }
  }

  private Script begin(int tid, String command, boolean process) {
    if (++scripts > MOST_SCRIPTS) {
      throw refused("it has more than " + MOST_SCRIPTS + " threads and programs", "record less");
    }
    Script script = new Script(command, process);
    live.put(tid, script);
    return script;
  }

  private Script script(int tid) {
    Script script = live.get(tid);
    if (script == null) {
      throw refused(
          "thread " + tid + " does something in it and has not started there",
          "give a whole trace, from its beginning and without damage");
    }
    return script;
  }

  private static InvalidRequestException refused(String obstacle, String remedy) {
    return new InvalidRequestException(
        new Explanation("execute a recorded run again", obstacle, remedy));
  }

  /**
   * A call behind so many branches.
   *
   * @param script what the new thread, the child or the successor executes, null for other calls
   */
  record Call(int at, Action action, int argument, @Nullable Script script) {}

  /** What one thread did, up to the next program that it executed. */
  static final class Script {
    private static final CodeImage UNKNOWN = CodeImage.ofMapping("unknown", 0x1000, 0x2000);
    private static final int FIRST_BRANCHES = 16;

    final String command;

    /** Whether it is the first thread of a process. */
    final boolean process;

    private final List<Call> calls = new ArrayList<>();
    private long[] edges = new long[2 * FIRST_BRANCHES];
    private int branches;
    private @Nullable CodeImage image;

    Script(String command, boolean process) {
      this.command = command;
      this.process = process;
    }

    private void add(long from, long to) {
      if (2 * branches == edges.length) {
        edges = Arrays.copyOf(edges, Math.multiplyExact(2, edges.length));
      }
      edges[2 * branches] = from;
      edges[2 * branches + 1] = to;
      branches++;
    }

    private void call(Action action, int argument, @Nullable Script script) {
      calls.add(new Call(branches, action, argument, script));
    }

    /** A signal that ends the process is delivered by the end itself, and not before it as well. */
    private void end(int code, int signal) {
      Call last = calls.isEmpty() ? null : calls.get(calls.size() - 1);
      if (signal != 0
          && last != null
          && last.action == Action.HANDLE_SIGNAL
          && last.argument == signal
          && last.at == branches) {
        calls.remove(calls.size() - 1);
      }
      call(Action.JOIN, 0, null);
      call(signal == 0 ? Action.EXIT : Action.DIE, signal == 0 ? code : signal, null);
    }

    int branches() {
      return branches;
    }

    long from(int branch) {
      return edges[2 * branch];
    }

    long to(int branch) {
      return edges[2 * branch + 1];
    }

    /** Returns a call, null if there are no more. */
    @Nullable Call call(int number) {
      return number < calls.size() ? calls.get(number) : null;
    }

    CodeImage image() {
      return image == null ? UNKNOWN : image;
    }
  }
}
