package dev.bts.sim;

import dev.bts.accounting.JournaledLedger;
import dev.bts.accounting.TracerPays;
import dev.bts.api.BranchTracer;
import dev.bts.api.ChargeRefusedException;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.Target;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.UnsupportedMechanismException;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.TaskIdentity;
import dev.bts.api.plan.PlanRequest;
import dev.bts.api.plan.Prospect;
import dev.bts.api.plan.Subject;
import dev.bts.api.probe.ProbeReport;
import dev.bts.sim.kernel.Credentials;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.ResourceLimits;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.TaskGroup;
import dev.bts.sim.program.SyntheticProgram;
import java.util.ArrayList;
import java.util.List;

/**
 * The simulated backend: traces synthetic programs on a modelled machine.
 *
 * <p>A command is {@code synthetic} and its options, for example {@code synthetic --seed 7
 * --branches 10000 --threads 2 --forks 1 --exit 3}; environment and directory mean nothing to it. A
 * process is a task of {@link #machine}, started there before. The tracer is itself a task of the
 * machine, {@link #tracer}, whose user, limits and capabilities count as a real tracer's would; it
 * does not die before its sessions, so {@link TraceRequest#killOnExit} has no effect. A command
 * that was let go before its end is not waited for any more and stays a zombie after it.
 *
 * <p>Time in the stream is the machine's step counter. One session at a time on a machine gives the
 * same stream on every run, to the bit. Safe for several threads.
 */
public final class SimTracer implements BranchTracer {
  /** The backend's name. */
  public static final String NAME = "sim";

  private static final int ORDINARY_UID = 1000;
  private static final int SIGKILL = 9;

  private final Machine machine;
  private final Ledger ledger;
  private final Task tracer;

  /** Creates a backend with a machine and a ledger of its own, for an ordinary user. */
  public SimTracer() {
    this(new Machine(), new JournaledLedger());
  }

  /** Creates a backend on a machine, on which it starts the tracer as an ordinary user's task. */
  public SimTracer(Machine machine, Ledger ledger) {
    this(machine, ledger, machine.boot(Credentials.user(ORDINARY_UID), ResourceLimits.STANDARD));
  }

  /** Creates a backend whose tracer is a task of the machine. */
  public SimTracer(Machine machine, Ledger ledger, Task tracer) {
    this.machine = machine;
    this.ledger = ledger;
    this.tracer = tracer;
  }

  /** Returns the machine, to look at and to set up. */
  public Machine machine() {
    return machine;
  }

  /** Returns the tracer's own task. */
  public Task tracer() {
    return tracer;
  }

  /** Returns the book of all charges that sessions of this backend make. */
  public Ledger ledger() {
    return ledger;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ProbeReport probe() {
    return SimProbe.measure();
  }

  @Override
  public TraceSession open(TraceRequest request) {
    requireMechanism(request.mechanisms());
    ChargingPolicy policy = request.policy().orElseGet(TracerPays::new);
    if (request.target() instanceof Target.Command command) {
      return openCommand(command, request, policy);
    }
    int pid = ((Target.Running) request.target()).pid();
    return open(process(pid), request, policy);
  }

  private TaskGroup process(int pid) {
    TaskGroup process = machine.process(pid);
    if (process == null || process.exitStatus() != null) {
      throw new TargetException(
          new Explanation(
              "trace pid " + pid + " of the simulated machine",
              "there is no such process",
              "start one with Machine.spawn, or name a command"));
    }
    return process;
  }

  @Override
  public Prospect prospect(PlanRequest request) {
    Mechanism mechanism = request.mechanism().orElse(Mechanism.SIMULATED);
    Explanation unavailable =
        mechanism == Mechanism.SIMULATED ? null : notOffered(List.of(mechanism));
    if (request.subject() instanceof Subject.OfUser user) {
      throw new InvalidRequestException(
          new Explanation(
              "plan for user '" + user.name() + "' of the simulated machine",
              "its tracer is a task of uid " + tracer.credentials().principal().uid(),
              "create the backend with a tracer of that user"));
    }
    synchronized (machine) {
      Task parent = tracer;
      List<TaskIdentity> tracees = new ArrayList<>();
      if (request.subject() instanceof Subject.Running running) {
        parent = process(running.pid()).tasks().get(0);
        tracees.add(parent.identity());
      }
      MachineProspect prospect =
          new MachineProspect(new MachineView(machine, request.strict()), parent.identity());
      while (tracees.size() < request.processes()) {
        tracees.add(prospect.child(tracees.size()));
      }
      return new Prospect(
          mechanism,
          unavailable,
          tracer.identity(),
          tracees,
          prospect,
          Placement::obstacle,
          List.of("processes that are yet to be started have nothing locked, nothing mapped"),
          0);
    }
  }

  private TraceSession openCommand(
      Target.Command command, TraceRequest request, ChargingPolicy policy) {
    SyntheticProgram program = SyntheticProgram.of(command.arguments());
    // Until it is traced the new task belongs to nobody, and other sessions would let it run.
    synchronized (machine) {
      Task first = machine.spawn(tracer, program);
      boolean complete = false;
      try {
        TraceSession session = open(first.group(), request, policy);
        complete = true;
        return session;
      } finally {
        if (!complete) {
          machine.kill(first.group(), SIGKILL);
          machine.step(first);
          machine.reap(first.group());
        }
      }
    }
  }

  /**
   * Opens a session on a process that stands.
   *
   * @throws ChargeRefusedException if the payer refuses
   */
  private TraceSession open(TaskGroup process, TraceRequest request, ChargingPolicy policy) {
    try {
      return SimSession.open(machine, tracer, ledger, policy, request, process);
    } catch (SystemCallException e) {
      throw new TargetException(
          new Explanation(
              "trace pid " + process.pid() + " of the simulated machine",
              "ptrace returned "
                  + e.errno()
                  + ": it is traced already, or belongs to another user than "
                  + tracer.credentials().principal(),
              "detach the other tracer, or give the tracer CAP_SYS_PTRACE"),
          e);
    }
  }

  private static void requireMechanism(List<Mechanism> acceptable) {
    if (!acceptable.isEmpty() && !acceptable.contains(Mechanism.SIMULATED)) {
      throw new UnsupportedMechanismException(notOffered(acceptable));
    }
  }

  private static Explanation notOffered(List<Mechanism> acceptable) {
    return new Explanation(
        "trace by " + acceptable + " with the backend '" + NAME + "'",
        "a simulated machine has no processor that could do that, it offers '"
            + Mechanism.SIMULATED
            + "' only",
        "ask for '" + Mechanism.SIMULATED + "', or use the backend 'kernel'");
  }
}
