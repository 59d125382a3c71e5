package dev.bts.sim.experiment;

import dev.bts.accounting.Policies;
import dev.bts.api.BufferSpec;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Overflow;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.sim.kernel.Capability;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.LockedSegment;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.Mapping;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * What happens in a run: tracers open, resize and close sessions, die and are replaced, programs
 * lock memory of their own and end.
 *
 * <p>Sessions are real ones of the simulated backend with the shipped policy and ledger; they are
 * not started, because branches do not matter to what is charged. Chance decides the same whatever
 * is granted, so that a run can be compared with itself without tracing. One thread.
 */
final class Workload {
  private static final int PERCENT = 100;
  private static final int ACTIONS = 4;
  private static final int CLOSE = 0;
  private static final int RESIZE = 1;
  private static final int PERMILLE = 1000;

  private final Run run;
  private final boolean tracing;
  private final ChargingPolicy policy;
  private final Machine machine = new Machine();
  private final SplittableRandom random;
  private final Actors actors;
  private final Gauges gauges;
  private final long bufferPages;

  /** Sessions of tracers that died: closed last, because what they believe in is gone. */
  private final List<TraceSession> abandoned = new ArrayList<>();

  /** What programs have locked themselves. */
  private final List<Mapping> ownMappings = new ArrayList<>();

  private final List<LockedSegment> ownSegments = new ArrayList<>();

  private long admitted;
  private long refused;
  private long traced;
  private long mostTraced;
  private long ownRefused;

  private Workload(Run run, boolean tracing) {
    this.run = run;
    this.tracing = tracing;
    policy = Policies.named(run.policy());
    random = new SplittableRandom(run.seed());
    long hostPages = Actors.pages(run.value(Parameter.HOST_PERF));
    if (hostPages > 0) {
      mapPerfOutside(hostPages);
    }
    actors = new Actors(run, machine);
    gauges = new Gauges(machine, actors.users(), Actors.pages(run.value(Parameter.MEMLOCK)));
    boolean perThread = run.value(Parameter.BUFFERS) != Parameter.FIRST;
    bufferPages =
        Actors.pages(run.value(Parameter.BUFFER)) * (perThread ? run.value(Parameter.THREADS) : 1);
  }

  private void mapPerfOutside(long pages) {
    Credentials root = Credentials.root();
    Task task = machine.boot(root, ResourceLimits.STANDARD);
    try {
      Objects.requireNonNull(machine.memory().mapPerf(task, pages, root));
    } catch (SystemCallException e) {
      throw new IllegalStateException("root has " + Capability.CAP_IPC_LOCK, e);
    }
  }

  /** Carries out a run. */
  static Result measure(Run run) {
    Workload untraced = new Workload(run, false);
    untraced.go();
    Workload workload = new Workload(run, true);
    Map<Metric, Long> values = workload.go();
    values.put(Metric.OTHERS_REFUSED, workload.ownRefused - untraced.ownRefused);
    return new Result(run, values);
  }

  private Map<Metric, Long> go() {
    Map<Metric, Long> values = new EnumMap<>(Metric.class);
    try {
      for (long round = 0; round < run.value(Parameter.ROUNDS); round++) {
        for (Actors.User user : actors.users()) {
          user.tracers.forEach(this::act);
        }
      }
      values.put(Metric.FAIRNESS, fairness());
      endTracers();
      values.put(Metric.ORPHANED, gauges.held() - ownPages());
      for (Actors.User user : actors.users()) {
        user.tasks.forEach(actors::end);
      }
      values.put(Metric.LEAKED, gauges.held());
    } finally {
      abandoned.forEach(TraceSession::close);
    }
    values.put(Metric.ADMITTED, admitted);
    values.put(Metric.REFUSED, refused);
    values.put(Metric.TRACED, mostTraced);
    values.put(Metric.PEAK_USER, gauges.peakUser);
    values.put(Metric.PEAK_MACHINE, gauges.peakMachine);
    values.put(Metric.BEYOND, gauges.beyond);
    return values;
  }

  private void act(Actors.Tracer tracer) {
    for (Actors.Target target : tracer.targets) {
      int action = random.nextInt(ACTIONS);
      boolean larger = random.nextBoolean();
      boolean exits = random.nextInt(PERCENT) < run.value(Parameter.EXIT);
      if (target.session == null) {
        open(tracer, target);
      } else if (action == CLOSE) {
        close(target);
      } else if (action == RESIZE) {
        resize(tracer, target, larger ? 2 * bufferPages : bufferPages);
      }
      if (!target.hasLocked) {
        target.hasLocked = true;
        lockOwn(target.task);
      }
      gauges.sample();
      if (exits && !actors.inRing()) {
        actors.replace(tracer.user, target);
        close(target);
      }
    }
    if (random.nextInt(PERCENT) < run.value(Parameter.CRASH)) {
      crash(tracer);
    }
    gauges.sample();
  }

  private void open(Actors.Tracer tracer, Actors.Target target) {
    if (!tracing) {
      return;
    }
    TraceRequest request =
        TraceRequest.process(target.task.tid())
            .policy(policy)
            .buffer(bufferPages * BufferSpec.PAGE_BYTES, Overflow.WRAP)
            .build();
    try {
      target.session = tracer.backend.open(request);
      granted(tracer, bufferPages);
      mostTraced = Math.max(mostTraced, ++traced);
    } catch (ChargeRefusedException e) {
      refused++;
    }
  }

  private void granted(Actors.Tracer tracer, long pages) {
    admitted++;
    tracer.granted += pages;
  }

  private void resize(Actors.Tracer tracer, Actors.Target target, long pages) {
    TraceSession session = target.session;
    if (session != null) {
      try {
        session.resize(pages * BufferSpec.PAGE_BYTES);
        granted(tracer, pages);
      } catch (ChargeRefusedException e) {
        refused++;
      }
    }
  }

  private void close(Actors.Target target) {
    TraceSession session = target.session;
    if (session != null) {
      session.close();
      target.session = null;
      traced--;
    }
  }

  /** What a program would lock anyway: in its address space, and in a segment of its user. */
  private void lockOwn(Task task) {
    long pages = Actors.pages(run.value(Parameter.OWN));
    if (pages == 0) {
      return;
    }
    try {
      ownMappings.add(machine.memory().mapLocked(task, pages, task.credentials()));
    } catch (SystemCallException e) {
      ownRefused++;
    }
    try {
      ownSegments.add(machine.memory().lockSegment(task, pages, task.credentials()));
    } catch (SystemCallException e) {
      ownRefused++;
    }
  }

  private void crash(Actors.Tracer tracer) {
    tracer.targets.forEach(this::abandon);
    Task dead = tracer.backend.tracer();
    List<Actors.Target> itself =
        tracer.user.tracers.stream()
            .flatMap(other -> other.targets.stream())
            .filter(target -> target.task == dead)
            .toList();
    actors.replace(tracer);
    itself.forEach(this::close);
  }

  private void abandon(Actors.Target target) {
    TraceSession session = target.session;
    if (session != null) {
      abandoned.add(session);
      target.session = null;
      traced--;
    }
  }

  private long ownPages() {
    long mapped = ownMappings.stream().filter(Mapping::locked).mapToLong(Mapping::pages).sum();
    return mapped
        + ownSegments.stream().filter(LockedSegment::locked).mapToLong(LockedSegment::pages).sum();
  }

  /** All tracers detach and end. */
  private void endTracers() {
    for (Actors.User user : actors.users()) {
      for (Actors.Tracer tracer : user.tracers) {
        tracer.targets.forEach(this::close);
      }
    }
    for (Actors.User user : actors.users()) {
      user.tracers.forEach(tracer -> actors.end(tracer.backend.tracer()));
    }
  }

  private long fairness() {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (Actors.User user : actors.users()) {
      for (Actors.Tracer tracer : user.tracers) {
        sum += tracer.granted;
        squares += (double) tracer.granted * tracer.granted;
        count++;
      }
    }
    return squares == 0 ? PERMILLE : Math.round(PERMILLE * sum * sum / (count * squares));
  }
}
