package dev.bts.kernel.operations;

import dev.bts.kernel.helper.CallChannel;
import dev.bts.kernel.sys.Errno;
import dev.bts.kernel.sys.Ptrace;
import dev.bts.kernel.sys.Signals;
import dev.bts.kernel.sys.Sys;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The processes and threads of a sequence by the names that the language gives them. It ends and
 * reaps each of them.
 */
final class Cast {
  private static final long CLONE_VM = 0x100;
  private static final long CLONE_FS = 0x200;
  private static final long CLONE_FILES = 0x400;
  private static final long CLONE_SIGHAND = 0x800;
  private static final long CLONE_THREAD = 0x10000;
  private static final long CLONE_SYSVSEM = 0x40000;
  private static final int P_PID = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x0100_0000;

  private final CallChannel nursery;
  private final Map<Integer, Actor> live = new TreeMap<>();
  private final Map<Integer, Crew> zombies = new TreeMap<>();
  private final Set<Crew> crews = new LinkedHashSet<>();

  Cast(CallChannel nursery) {
    this.nursery = nursery;
  }

  Actor get(int name) {
    Actor actor = live.get(name);
    if (actor == null) {
      throw new IllegalStateException("p" + name + " does not live");
    }
    return actor;
  }

  Map<Integer, Actor> live() {
    return live;
  }

  Actor start(int name) {
    return add(name, nursery.fork(Signals.SIGCHLD, 0, false), null);
  }

  void fork(Actor parent, int name) {
    add(name, parent.channel().fork(Signals.SIGCHLD, 0, false), parent.crew());
  }

  void share(Actor parent, int name) {
    long flags = CLONE_VM | Signals.SIGCHLD;
    add(name, parent.channel().fork(flags, Scratch.stack(name), false), parent.crew());
  }

  void thread(Actor parent, int name) {
    long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    CallChannel channel = parent.channel().fork(flags, Scratch.stack(name), true);
    Actor thread = new Actor(name, channel, parent.crew());
    parent.crew().actors().add(thread);
    live.put(name, thread);
  }

  /** execve(2) by the first thread of a process; the others are gone afterwards. */
  long exec(Actor first) {
    long answer = first.channel().restart(Scratch.PATH, Scratch.ARGUMENTS);
    if (answer == 0) {
      Crew crew = first.crew();
      for (Actor other : List.copyOf(crew.actors())) {
        if (other.name() != first.name()) {
          drop(other);
        }
      }
      Scratch.map(first.channel());
    }
    return answer;
  }

  /** Waits until a process is a zombie that was told to end. */
  void ended(Crew crew) {
    long waited =
        waiter(crew).call(Sys.WAITID, P_PID, crew.pid(), 0, WEXITED | WNOWAIT | Ptrace.WALL, 0);
    Errno.check(waited, "wait for the end of process " + crew.pid());
    zombies.put(crew.first().name(), crew);
    List.copyOf(crew.actors()).forEach(this::drop);
    crew.end();
  }

  /** wait4(2) for a zombie by its parent. */
  long reap(int name) {
    Crew crew = zombies.remove(name);
    if (crew == null) {
      throw new IllegalStateException("p" + name + " is no zombie");
    }
    long waited = waiter(crew).call(Sys.WAIT4, crew.pid(), 0, Ptrace.WALL, 0);
    crews.remove(crew);
    return waited == crew.pid() ? 0 : waited;
  }

  /** Kills and reaps everything. */
  void endAll() {
    for (Crew crew : crews) {
      Sys.call(Sys.KILL, crew.pid(), Signals.SIGKILL);
    }
    new ArrayList<>(live.values()).forEach(this::drop);
    // A child comes to the nursery with its parent's end, so a parent that is waited for first
    // leaves all of its children there.
    for (Crew crew : crews) {
      nursery.call(Sys.WAIT4, crew.pid(), 0, Ptrace.WALL, 0);
    }
    crews.clear();
    zombies.clear();
  }

  private CallChannel waiter(Crew crew) {
    Crew parent = crew.parent();
    return parent == null ? nursery : parent.first().channel();
  }

  private Actor add(int name, CallChannel channel, @Nullable Crew parent) {
    Crew crew = new Crew(channel.id(), parent);
    Actor actor = new Actor(name, channel, crew);
    crew.actors().add(actor);
    crews.add(crew);
    live.put(name, actor);
    return actor;
  }

  private void drop(Actor actor) {
    actor.channel().close();
    live.remove(actor.name());
    if (actor.crew().actors().size() > 1) {
      actor.crew().actors().remove(actor);
    }
  }
}
