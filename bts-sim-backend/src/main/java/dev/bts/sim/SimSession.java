package dev.bts.sim;

import dev.bts.accounting.buffers.BufferAssignment;
import dev.bts.api.BtsConfig;
import dev.bts.api.BtsException;
import dev.bts.api.BufferSpec;
import dev.bts.api.ConfigFlag;
import dev.bts.api.ExitStatus;
import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.InvalidRequestException;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStateException;
import dev.bts.api.SessionStatus;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.StreamLog;
import dev.bts.api.record.TraceSink;
import dev.bts.sim.SessionThread.Pace;
import dev.bts.sim.kernel.Machine;
import dev.bts.sim.kernel.SystemCallException;
import dev.bts.sim.kernel.Task;
import dev.bts.sim.kernel.TaskGroup;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A session on the modelled machine. All state belongs to the session's own thread, which carries
 * out the calls and in between lets the tracees run, a slice at a time; so at every call they
 * stand.
 */
final class SimSession implements TraceSession {
  /** How many steps a task makes before another has its turn. */
  private static final int SLICE_STEPS = 100;

  private final Machine machine;
  private final Task tracer;
  private final TaskGroup process;
  private final @Nullable TraceSink sink;
  private final Overflow overflow;
  private final StreamLog log;
  private final BufferAssignment<Task> buffers;
  private final Recorder recorder;
  private final SessionThread thread;
  private final CompletableFuture<ExitStatus> ended = new CompletableFuture<>();

  private State state = State.ATTACHED;
  private boolean started;
  private boolean closed;
  private Set<ConfigFlag> flags;
  private @Nullable OverflowListener overflowListener;

  /** What ended the session and was not yet thrown to anybody. */
  private @Nullable Throwable untold;

  private SimSession(
      Machine machine,
      Task tracer,
      Ledger ledger,
      ChargingPolicy policy,
      TraceRequest request,
      TaskGroup process) {
    this.machine = machine;
    this.tracer = tracer;
    this.process = process;
    sink = request.sink().orElse(null);
    overflow = request.buffer().overflow();
    flags =
        request.recordScheduling()
            ? Set.of(ConfigFlag.TRACE, ConfigFlag.SCHED)
            : Set.of(ConfigFlag.TRACE);
    log = new StreamLog(machine::now);
    buffers =
        new BufferAssignment<>(
            new SimPages(machine, tracer, ledger, policy, request, log),
            policy,
            request,
            log,
            machine::now);
    recorder = new Recorder(machine, log, buffers, request);
    thread = new SessionThread("bts-sim-" + process.pid(), this::work);
  }

  /**
   * Attaches to all threads of a process and allocates the buffer.
   *
   * @throws SystemCallException if the process cannot be traced; nothing is attached then
   * @throws dev.bts.api.ChargeRefusedException if the payer refuses; nothing is attached then
   */
  static SimSession open(
      Machine machine,
      Task tracer,
      Ledger ledger,
      ChargingPolicy policy,
      TraceRequest request,
      TaskGroup process)
      throws SystemCallException {
    SimSession session = new SimSession(machine, tracer, ledger, policy, request, process);
    boolean complete = false;
    synchronized (machine) {
      try {
        session.recorder.attach(tracer, process);
        session.buffers.allocate(request.buffer().sizeBytes());
        complete = true;
      } finally {
        if (!complete) {
          session.recorder.letGo();
        }
      }
    }
    session.thread.start();
    return session;
  }

  // ---- the thread's own work ----

  private Pace work() {
    if (state != State.TRACING) {
      return Pace.IDLE;
    }
    try {
      boolean moved = recorder.runSlice(SLICE_STEPS);
      service();
      return moved ? Pace.BUSY : Pace.WAITING;
    } catch (RuntimeException | Error e) {
      fail(e);
      return Pace.IDLE;
    }
  }

  private void service() {
    boolean reached = recorder.takeThresholdReached();
    if (reached) {
      buffers.verifyIfDue();
    }
    if (reached && overflowListener != null && flags.contains(ConfigFlag.SIGNAL)) {
      overflowListener.overflowed(log.size());
    }
    boolean payerLeft = recorder.takePayerLeft();
    BtsException failure = buffers.failure();
    if (failure != null) {
      throw failure;
    }
    boolean due = reached || payerLeft || log.isFullOfEvents();
    if (sink != null && overflow == Overflow.DRAIN && due) {
      log.drainTo(sink);
    }
    ExitStatus status = recorder.exitStatus();
    if (recorder.liveThreads() == 0 && status != null) {
      letGo();
      if (sink != null) {
        log.drainTo(sink);
      }
      ended.complete(status);
    }
  }

  private void letGo() {
    recorder.letGo();
    state = State.DETACHED;
    if (process.exitStatus() != null && process.parentPid() == tracer.group().pid()) {
      machine.reap(process);
    }
  }

  /** Ends the session because of what a sink, a listener or a payer did. */
  private void fail(Throwable reason) {
    letGo();
    untold = reason;
    ended.completeExceptionally(reason);
  }

  private void tell() {
    Throwable reason = untold;
    untold = null;
    if (reason != null) {
      throw SessionThread.rethrow(reason);
    }
  }

  private void requireControl(String asked) {
    if (state == State.DETACHED) {
      throw refused(asked, "the session is detached, no tracee is under control");
    }
  }

  private void requireRecords(String asked) {
    if (closed) {
      throw refused(asked, "the session is closed");
    }
  }

  private SessionStateException refused(String asked, String obstacle) {
    return new SessionStateException(
        new Explanation(
            asked + " the session of pid " + process.pid(), obstacle, "open a new session"));
  }

  // ---- TraceSession ----

  @Override
  public Mechanism mechanism() {
    return Mechanism.SIMULATED;
  }

  @Override
  public int pid() {
    return process.pid();
  }

  @Override
  public void start() {
    thread.run(
        () -> {
          requireControl("start");
          started = true;
          state = State.TRACING;
        });
  }

  @Override
  public void pause() {
    thread.run(
        () -> {
          requireControl("pause");
          recorder.halt();
          if (state == State.TRACING) {
            state = State.PAUSED;
          }
        });
  }

  @Override
  public void configure(BtsConfig config) {
    thread.run(
        () -> {
          requireControl("configure");
          recorder.halt();
          if (config.flags().contains(ConfigFlag.ALLOC)) {
            BufferSpec spec = new BufferSpec(config.sizeBytes(), overflow);
            requireSink(spec);
            buffers.resize(BufferSpec.pages(spec.sizeBytes()));
          }
          recorder.record(
              config.flags().contains(ConfigFlag.TRACE), config.flags().contains(ConfigFlag.SCHED));
          EnumSet<ConfigFlag> inForce = EnumSet.allOf(ConfigFlag.class);
          inForce.retainAll(config.flags());
          inForce.remove(ConfigFlag.ALLOC);
          flags = inForce;
        });
  }

  private void requireSink(BufferSpec spec) {
    if (sink == null && overflow == Overflow.DRAIN && spec.sizeBytes() > 0) {
      throw new InvalidRequestException(
          new Explanation(
              "allocate a buffer that is drained when it is full",
              "the session was opened without a sink to drain to",
              "open it with a sink, or with Overflow.WRAP or Overflow.STOP"));
    }
  }

  @Override
  public SessionStatus status() {
    return thread.call(
        () ->
            new SessionStatus(
                state,
                new BtsConfig(buffers.bufferBytes(), flags),
                log.lost() == 0 ? Fidelity.COMPLETE : Fidelity.WINDOWED,
                log.appended(),
                log.lost(),
                recorder.threadsEver(),
                recorder.liveThreads(),
                buffers.chargedPages(),
                buffers.peakPages()));
  }

  @Override
  public long size() {
    return thread.call(
        () -> {
          requireRecords("read");
          return log.size();
        });
  }

  @Override
  public BranchRecord get(long index) {
    return thread.call(
        () -> {
          requireRecords("read");
          return log.get(index);
        });
  }

  @Override
  public void clear() {
    thread.run(
        () -> {
          requireRecords("clear");
          log.clear();
        });
  }

  @Override
  public long drain(TraceSink receiver) {
    return thread.call(
        () -> {
          requireRecords("drain");
          try {
            return log.drainTo(receiver);
          } catch (RuntimeException | Error e) {
            fail(e);
            untold = null;
            throw e;
          }
        });
  }

  @Override
  public void onOverflow(OverflowListener listener) {
    thread.run(() -> overflowListener = listener);
  }

  @Override
  public ExitStatus await() throws InterruptedException {
    thread.run(
        () -> {
          if (!started) {
            throw new SessionStateException(
                new Explanation(
                    "wait for the end of pid " + process.pid(),
                    "the session was not started, its tracees stand",
                    "call start first"));
          }
        });
    try {
      return ended.get();
    } catch (ExecutionException e) {
      thread.run(() -> untold = null);
      throw SessionThread.rethrow(e.getCause());
    }
  }

  @Override
  public void detach() {
    thread.run(
        () -> {
          if (state != State.DETACHED) {
            letGo();
            ended.completeExceptionally(refused("wait for", "it was detached before the end"));
            if (sink != null) {
              log.drainTo(sink);
            }
          }
          tell();
        });
  }

  @Override
  public List<Receipt> receipts() {
    return thread.call(buffers::receipts);
  }

  @Override
  public void close() {
    try {
      detach();
    } finally {
      thread.run(
          () -> {
            closed = true;
            log.dispose();
          });
      thread.stop();
    }
  }
}
