package dev.bts.sim.experiment;

import dev.bts.accounting.JournaledLedger;
import dev.bts.api.BufferSpec;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.AccountOwner;
import dev.bts.api.charging.Principal;
import dev.bts.sim.SimTracer;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.program.SyntheticProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The users of a run, their tracers and their programs, on a machine of their own. */
final class Actors {
  private static final int SIGKILL = 9;
  private static final int ROOT_UID = 0;
  private static final int FIRST_UID = 1000;

  /** As subuid(5) gives them. */
  private static final int FIRST_MAPPED_UID = 100_000;

  private static final int MAPPED_UIDS = 65_536;
  private static final List<String> ENDLESS = List.of("synthetic", "--endless");

  private final Run run;
  private final Machine machine;
  private final List<User> users = new ArrayList<>();

  /** A user, and every task that it ever had. */
  static final class User {
    final Credentials credentials;
    final AccountOwner.Group group;
    final List<Task> tasks = new ArrayList<>();
    final List<Tracer> tracers = new ArrayList<>();

    private User(Credentials credentials, AccountOwner.Group group) {
      this.credentials = credentials;
      this.group = group;
    }
  }

  /** A tracer, and who took its place when it died. */
  static final class Tracer {
    final User user;
    final List<Target> targets = new ArrayList<>();
    SimTracer backend;

    /** The pages of the buffers that it was granted. */
    long granted;

    private Tracer(User user, SimTracer backend) {
      this.user = user;
      this.backend = backend;
    }
  }

  /** A place for a traced process, and the session on it. */
  static final class Target {
    Task task;
    @Nullable TraceSession session;

    /** Whether the program has asked for the memory that it wants of its own. */
    boolean hasLocked;

    private Target(Task task) {
      this.task = task;
    }
  }

  Actors(Run run, Machine machine) {
    this.run = run;
    this.machine = machine;
    for (int i = 0; i < run.value(Parameter.USERS); i++) {
      User user = newUser(i);
      users.add(user);
      for (int tracer = 0; tracer < run.value(Parameter.TRACERS); tracer++) {
        user.tracers.add(new Tracer(user, newBackend(user)));
      }
      for (int tracer = 0; tracer < user.tracers.size(); tracer++) {
        addTargets(user, tracer);
      }
    }
  }

  private User newUser(int number) {
    boolean host = run.value(Parameter.NAMESPACE) == Parameter.FIRST;
    boolean ordinary = run.value(Parameter.UID) == Parameter.FIRST;
    // What root of a namespace is on the machine, by its map of ids.
    int root = host ? ROOT_UID : FIRST_MAPPED_UID + number * MAPPED_UIDS;
    int uid = ordinary ? FIRST_UID + number : root;
    long namespace = Credentials.INITIAL_USER_NAMESPACE + (host ? 0 : 1 + number);
    Credentials credentials = new Credentials(new Principal(namespace, uid), Set.of());
    AccountOwner.Group group = new AccountOwner.Group("/user" + number);
    machine.memory().setLimit(group, pages(run.value(Parameter.GROUP)));
    return new User(credentials, group);
  }

  /** Returns whether tracers trace one another. */
  boolean inRing() {
    return run.value(Parameter.TRACED) != Parameter.FIRST;
  }

  static long pages(long bytes) {
    return bytes == Parameter.UNLIMITED
        ? bytes
        : (bytes + BufferSpec.PAGE_BYTES - 1) / BufferSpec.PAGE_BYTES;
  }

  private void addTargets(User user, int tracer) {
    List<Target> targets = user.tracers.get(tracer).targets;
    if (inRing()) {
      // The last one traces the first; one alone cannot trace itself.
      if (user.tracers.size() > 1) {
        targets.add(
            new Target(user.tracers.get((tracer + 1) % user.tracers.size()).backend.tracer()));
      }
      return;
    }
    for (int i = 0; i < run.value(Parameter.PROGRAMS); i++) {
      targets.add(new Target(newProgram(user)));
    }
  }

  private Task boot(User user) {
    Task task =
        machine.boot(
            user.credentials, ResourceLimits.STANDARD.withMemlock(run.value(Parameter.MEMLOCK)));
    machine.move(task.group(), user.group);
    user.tasks.add(task);
    return task;
  }

  private SimTracer newBackend(User user) {
    // Who is traced itself executes something.
    Task task = inRing() ? newProgram(user) : boot(user);
    return new SimTracer(machine, new JournaledLedger(), task);
  }

  private Task newProgram(User user) {
    Task program = machine.spawn(boot(user), SyntheticProgram.of(ENDLESS));
    user.tasks.add(program);
    return program;
  }

  List<User> users() {
    return users;
  }

  /** A tracer is killed, and another one takes its place. */
  void replace(Tracer tracer) {
    Task dead = tracer.backend.tracer();
    machine.exit(dead);
    tracer.backend = newBackend(tracer.user);
    for (Tracer other : tracer.user.tracers) {
      other.targets.stream()
          .filter(target -> target.task == dead)
          .forEach(target -> target.task = tracer.backend.tracer());
    }
  }

  /** A program is killed, and another one takes its place. */
  void replace(User user, Target target) {
    end(target.task);
    target.task = newProgram(user);
    target.hasLocked = false;
  }

  /** Kills a task that may have ended already. */
  void end(Task task) {
    if (task.isGone()) {
      return;
    }
    if (task.program() == null) {
      machine.exit(task);
    } else {
      machine.kill(task.group(), SIGKILL);
      machine.step(task);
    }
  }
}
