package dev.bts.kernel;

import dev.bts.accounting.buffers.BufferAssignment;
import dev.bts.api.BtsConfig;
import dev.bts.api.BtsException;
import dev.bts.api.BufferSpec;
import dev.bts.api.ConfigFlag;
import dev.bts.api.ExitStatus;
import dev.bts.api.Explanation;
import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import dev.bts.api.Overflow;
import dev.bts.api.SessionStateException;
import dev.bts.api.SessionStatus;
import dev.bts.api.Target;
import dev.bts.api.TargetException;
import dev.bts.api.TraceRequest;
import dev.bts.api.TraceSession;
import dev.bts.api.charging.ChargingPolicy;
import dev.bts.api.charging.Ledger;
import dev.bts.api.charging.Receipt;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.StreamLog;
import dev.bts.api.record.TraceSink;
import dev.bts.kernel.helper.CommandLauncher;
import dev.bts.kernel.helper.HelperProcess;
import dev.bts.kernel.helper.PreparedExec;
import dev.bts.kernel.memory.RemoteCalls;
import dev.bts.kernel.ptrace.TraceLoop;
import dev.bts.kernel.ptrace.Tracee;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A session on the real kernel: a {@link TraceLoop} with buffers, on a thread of its own. */
final class KernelSession implements TraceSession {
  private final TraceRequest request;
  private final Mechanism mechanism;
  private final SessionThread thread;
  private final CompletableFuture<ExitStatus> end = new CompletableFuture<>();

  // What follows belongs to the session's thread.
  private final TraceLoop loop;
  private final SessionEvents events;
  private final StreamLog log = new StreamLog(System::nanoTime);
  private final BufferAssignment<Tracee> buffers;
  private final @Nullable TraceSink sink;
  private Set<ConfigFlag> flags = EnumSet.of(ConfigFlag.TRACE);
  private State state = State.ATTACHED;
  private boolean started;
  private int pid;
  private @Nullable Throwable failure;
  private boolean failureReported;
  private @Nullable OverflowListener listener;

  /** What is left to be known once the thread has ended. */
  private record Closed(SessionStatus status, List<Receipt> receipts) {}

  private volatile @Nullable Closed closed;
  private final AtomicBoolean closing = new AtomicBoolean();

  private KernelSession(
      TraceRequest request, Mechanism mechanism, ChargingPolicy policy, Ledger ledger) {
    this.request = request;
    this.mechanism = mechanism;
    this.sink = request.sink().orElse(null);
    this.thread =
        new SessionThread(
            "bts-session",
            new SessionThread.Work() {
              @Override
              public boolean isWaiting() {
                return state == State.TRACING;
              }

              @Override
              public void once() {
                handleNext();
              }
            });
    KernelPages pages = new KernelPages(request, policy, ledger, log, this::callsOf);
    this.buffers = new BufferAssignment<>(pages, policy, request, log, System::nanoTime);
    this.events =
        new SessionEvents(
            log, buffers, pages, this::thresholdReached, this::drainByItself, this::letGo);
    this.loop =
        thread.ask(
            () -> new TraceLoop(mechanism, events, request.followChildren(), request.killOnExit()));
  }

  private RemoteCalls callsOf(Tracee tracee) {
    return loop.callsOf(tracee);
  }

  private void letGo(Tracee tracee) {
    loop.letGo(tracee);
  }

  /** Brings the target under control and gives it a buffer. */
  static KernelSession open(
      TraceRequest request, Mechanism mechanism, ChargingPolicy policy, Ledger ledger) {
    KernelSession session = new KernelSession(request, mechanism, policy, ledger);
    try {
      session.thread.tell(session::takeTarget);
    } catch (RuntimeException | Error failed) {
      session.closeAfter(failed);
      throw failed;
    }
    return session;
  }

  private void takeTarget() {
    if (request.recordScheduling()) {
      flags.add(ConfigFlag.SCHED);
      events.setScheduling(true);
    }
    if (request.target() instanceof Target.Command command) {
      launch(command);
    } else if (request.target() instanceof Target.Running running) {
      pid = running.pid();
      loop.attach(pid);
      openBuffer();
    }
  }

  private void launch(Target.Command command) {
    try (HelperProcess helper = HelperProcess.start()) {
      PreparedExec exec = CommandLauncher.prepare(helper, command);
      SetUserId.refuse(exec.program());
      pid = helper.pid();
      try {
        if (loop.launch(pid, exec::go).isEmpty()) {
          throw new TargetException(
              new Explanation(
                  "start '" + command.arguments().get(0) + "'",
                  "the new process was killed before its first instruction",
                  "see the kernel log for the reason"));
        }
        openBuffer();
      } catch (RuntimeException | Error failed) {
        // It has not executed an instruction, and nobody else knows of it.
        loop.killAll();
        throw failed;
      }
    }
  }

  private void openBuffer() {
    buffers.allocate(mechanism == Mechanism.NONE ? 0 : request.buffer().sizeBytes());
  }

  private void closeAfter(Throwable failed) {
    try {
      close();
    } catch (RuntimeException second) {
      failed.addSuppressed(second);
    }
  }

  /** Hands over what is recorded, if that is what the request says. */
  private void drainByItself() {
    if (request.buffer().overflow() == Overflow.DRAIN) {
      drainToSink();
    }
  }

  private void drainToSink() {
    // A sink that has failed is not asked again.
    if (sink != null && failure == null) {
      log.drainTo(sink);
    }
  }

  private void handleNext() {
    try {
      requirePayers();
      loop.handleNext(true);
      requirePayers();
      if (log.isFullOfEvents()) {
        drainByItself();
      }
    } catch (RuntimeException | Error failed) {
      fail(failed);
      return;
    }
    if (loop.taskCount() == 0) {
      finish();
    }
  }

  private void requirePayers() {
    BtsException refused = buffers.failure();
    if (refused != null) {
      throw refused;
    }
  }

  /** No tracee is left. */
  private void finish() {
    state = State.DETACHED;
    try {
      releaseBuffers();
    } catch (RuntimeException | Error failed) {
      if (failure == null) {
        failure = failed;
      } else {
        failure.addSuppressed(failed);
      }
    }
    ExitStatus status = events.exitOf(pid);
    if (status == null && request.target() instanceof Target.Command && pid != 0) {
      ChildReaper.adopt(pid);
    }
    if (failure != null) {
      end.completeExceptionally(failure);
    } else if (status != null) {
      end.complete(status);
    } else {
      end.completeExceptionally(detachedBeforeEnd());
    }
  }

  private void releaseBuffers() {
    try {
      // What is handed over need not be moved to the heap.
      drainToSink();
    } finally {
      buffers.releaseAll();
    }
    drainToSink();
  }

  /** Ends the session because of a failure: the tracees go on without us. */
  private void fail(Throwable failed) {
    failure = failed;
    try {
      loop.detachAll();
    } catch (RuntimeException second) {
      failed.addSuppressed(second);
    }
    finish();
  }

  private void thresholdReached() {
    if (flags.contains(ConfigFlag.SIGNAL) && listener != null) {
      listener.overflowed(log.size());
    }
    drainByItself();
  }

  private static SessionStateException detachedBeforeEnd() {
    return new SessionStateException(
        new Explanation(
            "wait for the end of the tracee",
            "the session was detached before",
            "wait before you detach; a detached process ends on its own"));
  }

  private void require(boolean allowed, String asked) {
    if (!allowed) {
      throw new SessionStateException(
          new Explanation(
              asked,
              "the session is "
                  + (closing.get() ? "closed" : state.name().toLowerCase(java.util.Locale.ROOT)),
              "open another session"));
    }
  }

  private <T> T askOpen(String asked, Supplier<T> request) {
    require(!closing.get(), asked);
    return thread.ask(request);
  }

  @Override
  public Mechanism mechanism() {
    return mechanism;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public void start() {
    askOpen(
        "start",
        () -> {
          require(state != State.DETACHED, "start");
          started = true;
          state = State.TRACING;
          loop.setRunning(true);
          return state;
        });
  }

  @Override
  public void pause() {
    askOpen(
        "pause",
        () -> {
          require(state != State.DETACHED, "pause");
          if (state == State.TRACING) {
            halt();
            state = loop.taskCount() == 0 ? state : State.PAUSED;
          }
          return state;
        });
  }

  private void halt() {
    loop.setRunning(false);
    while (!loop.halted()) {
      loop.handleNext(true);
    }
    loop.departAll();
  }

  @Override
  public void configure(BtsConfig config) {
    askOpen(
        "configure",
        () -> {
          require(state != State.DETACHED, "configure");
          apply(config);
          return state;
        });
  }

  private void apply(BtsConfig config) {
    BufferSpec wanted = new BufferSpec(config.sizeBytes(), request.buffer().overflow());
    boolean tracing = state == State.TRACING;
    if (config.flags().contains(ConfigFlag.ALLOC)) {
      halt();
      try {
        buffers.resize(BufferSpec.pages(wanted.sizeBytes()));
      } finally {
        loop.setRunning(tracing);
      }
    }
    flags = EnumSet.noneOf(ConfigFlag.class);
    flags.addAll(config.flags());
    flags.remove(ConfigFlag.ALLOC);
    events.setRecording(flags.contains(ConfigFlag.TRACE));
    events.setScheduling(flags.contains(ConfigFlag.SCHED));
  }

  @Override
  public SessionStatus status() {
    Closed last = closed;
    return last != null ? last.status() : thread.ask(this::presentStatus);
  }

  private SessionStatus presentStatus() {
    long lost = log.lost();
    return new SessionStatus(
        state,
        new BtsConfig(buffers.bufferBytes(), flags),
        fidelity(lost),
        log.appended(),
        lost,
        events.threads(),
        loop.taskCount(),
        buffers.chargedPages(),
        buffers.peakPages());
  }

  private Fidelity fidelity(long lost) {
    if (mechanism == Mechanism.NONE) {
      return Fidelity.NOTHING;
    }
    return lost > 0 ? Fidelity.WINDOWED : mechanism.fidelity();
  }

  @Override
  public long size() {
    return askOpen("read the buffer", log::size);
  }

  @Override
  public BranchRecord get(long index) {
    return askOpen("read the buffer", () -> log.get(index));
  }

  @Override
  public void clear() {
    askOpen(
        "clear the buffer",
        () -> {
          log.clear();
          return state;
        });
  }

  @Override
  public long drain(TraceSink to) {
    return askOpen(
        "drain the buffer",
        () -> {
          try {
            return log.drainTo(to);
          } catch (RuntimeException | Error failed) {
            if (state != State.DETACHED) {
              fail(failed);
            }
            failureReported = true;
            throw failed;
          }
        });
  }

  @Override
  public void onOverflow(OverflowListener told) {
    askOpen(
        "set the overflow listener",
        () -> {
          listener = told;
          return state;
        });
  }

  @Override
  public ExitStatus await() throws InterruptedException {
    if (!end.isDone() && !askOpen("wait for the end of the tracee", () -> started)) {
      throw new SessionStateException(
          new Explanation(
              "wait for the end of the tracee", "the session was not started", "call start first"));
    }
    try {
      return end.get();
    } catch (ExecutionException failed) {
      if (!closing.get()) {
        thread.tell(() -> failureReported = true);
      }
      Throwable cause = failed.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      if (cause instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(cause);
    }
  }

  @Override
  public void detach() {
    if (!closing.get()) {
      thread.tell(this::detachNow);
    }
  }

  private void detachNow() {
    if (state != State.DETACHED) {
      detachAll();
    }
    Throwable unreported = failureReported ? null : failure;
    failureReported = true;
    if (unreported instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (unreported instanceof Error error) {
      throw error;
    }
  }

  private void detachAll() {
    try {
      loop.detachAll();
    } catch (RuntimeException | Error failed) {
      fail(failed);
      return;
    }
    finish();
  }

  @Override
  public List<Receipt> receipts() {
    Closed last = closed;
    return last != null ? last.receipts() : thread.ask(buffers::receipts);
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.tell(this::detachNow);
    } finally {
      closed = thread.ask(() -> new Closed(presentStatus(), buffers.receipts()));
      thread.tell(loop::close);
      thread.end();
    }
  }
}
